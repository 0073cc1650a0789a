//! A function's instructions while they are made.

use wasm_encoder::{BlockType, Function, Instruction, ValType};

/// What a jump may go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Label {
    /// Nothing.
    None,
    /// A node of the function.
    Node(usize),
    /// The loop that chooses between nodes by number.
    Dispatch,
}

/// The instructions of a function, and what is open around the next one.
#[derive(Debug, Default)]
pub(crate) struct Body {
    operations: Vec<Instruction<'static>>,
    /// Which of them branch rarely.
    rare: Vec<usize>,
    /// Types of all locals, parameters first.
    locals: Vec<ValType>,
    parameters: usize,
    labels: Vec<Label>,
    /// Temporary locals of both types, and how many of them are in use.
    words: (Vec<u32>, usize),
}

impl Body {
    pub(crate) fn new(parameters: &[ValType]) -> Self {
        Self { locals: parameters.to_vec(), parameters: parameters.len(), ..Self::default() }
    }

    pub(crate) fn push(&mut self, operation: Instruction<'static>) {
        self.operations.push(operation);
    }

    /// A new local.
    pub(crate) fn local(&mut self, of: ValType) -> u32 {
        self.locals.push(of);
        u32::try_from(self.locals.len() - 1).unwrap_or(u32::MAX)
    }

    /// A local of a word that the present instruction needs.
    pub(crate) fn temporary(&mut self) -> u32 {
        if self.words.1 == self.words.0.len() {
            let local = self.local(ValType::I64);
            self.words.0.push(local);
        }
        self.words.1 += 1;
        self.words.0[self.words.1 - 1]
    }

    /// The next instruction may use temporary locals again.
    pub(crate) fn forget_temporaries(&mut self) {
        self.words.1 = 0;
    }

    pub(crate) fn begin_if(&mut self) {
        self.labels.push(Label::None);
        self.push(Instruction::If(BlockType::Empty));
    }

    /// An `if` whose condition does not hold usually.
    pub(crate) fn begin_rare(&mut self) {
        self.rare.push(self.operations.len());
        self.begin_if();
    }

    /// An `if` that leaves a value.
    pub(crate) fn begin_value(&mut self, of: ValType) {
        self.labels.push(Label::None);
        self.push(Instruction::If(BlockType::Result(of)));
    }

    pub(crate) fn otherwise(&mut self) {
        self.push(Instruction::Else);
    }

    pub(crate) fn begin_block(&mut self, node: usize) {
        self.labels.push(Label::Node(node));
        self.push(Instruction::Block(BlockType::Empty));
    }

    pub(crate) fn begin_loop(&mut self, node: usize) {
        self.labels.push(Label::Node(node));
        self.push(Instruction::Loop(BlockType::Empty));
    }

    pub(crate) fn begin_dispatch(&mut self) {
        self.labels.push(Label::Dispatch);
        self.push(Instruction::Loop(BlockType::Empty));
    }

    pub(crate) fn end(&mut self) {
        self.labels.pop();
        self.push(Instruction::End);
    }

    fn depth(&self, label: Label) -> Option<u32> {
        let open = self.labels.iter().rev().position(|open| *open == label)?;
        u32::try_from(open).ok()
    }

    /// How many labels a jump to a node leaves.
    pub(crate) fn depth_of(&self, node: usize) -> Option<u32> {
        self.depth(Label::Node(node))
    }

    pub(crate) fn depth_of_dispatch(&self) -> Option<u32> {
        self.depth(Label::Dispatch)
    }

    /// The encoded function, and the offsets of what branches rarely.
    pub(crate) fn finish(mut self) -> (Function, Vec<u32>) {
        self.push(Instruction::End);
        let mut runs: Vec<(u32, ValType)> = vec![];
        for of in &self.locals[self.parameters..] {
            match runs.last_mut() {
                Some((count, last)) if last == of => *count += 1,
                _ => runs.push((1, *of)),
            }
        }
        let mut function = Function::new(runs);
        let mut rare = self.rare.into_iter().peekable();
        let mut hints = vec![];
        for (index, operation) in self.operations.iter().enumerate() {
            if rare.next_if_eq(&index).is_some() {
                hints.push(u32::try_from(function.byte_len()).unwrap_or(u32::MAX));
            }
            function.instruction(operation);
        }
        (function, hints)
    }
}
