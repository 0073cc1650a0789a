//! Functions: small pure ones for expressions, recursive ones, lemmas, and those with effects.

use super::author::{Author, Pure, Variable};
use super::contracts::{Place, field_bounds};
use super::declarations::variables;
use super::expression::{Expr, hole, level, text};
use super::flow::{Flow, Reach};
use super::program::{Function, HostOperation, Input, Operation, StateVariable, Step};
use super::types::{Field, Ty};

const KINDS: &[&str] =
    &["http_handler", "data_transform", "algorithm", "workflow", "event_handler", "scheduled_job", "policy"];

impl Author {
    pub(crate) fn write_functions(
        &mut self,
        state: &[StateVariable],
        host: &[HostOperation],
    ) -> Vec<Function> {
        let mut functions = vec![];
        // Many small programs find more than few large ones, but some things only meet in large ones.
        let large = self.random.chance(20);
        let sizes: [usize; 5] = if large { [3, 30, 25, 50, 7] } else { [2, 6, 6, 10, 3] };
        let [pure, recursive, lemma, helper, steps] = sizes;
        for _ in 0..self.random.below(pure) {
            let function = self.pure_function(&functions);
            functions.push(function);
        }
        if self.random.chance(recursive) {
            let function = self.recursive_function();
            functions.push(function);
        }
        if self.random.chance(lemma) {
            let function = self.lemma(&functions);
            functions.push(function);
        }
        if self.random.chance(helper) {
            let function = self.effectful(&functions, state, host, 5);
            functions.push(function);
        }
        let steps = 2 + usize::from(large) + self.random.below(steps);
        let main = self.effectful(&functions, state, host, steps);
        functions.push(main);
        functions
    }

    fn inputs(&mut self, most: usize) -> Vec<Input> {
        self.scope.clear();
        let count = self.random.below(most + 1);
        let mut inputs: Vec<Input> = (0..count)
            .map(|_| {
                let ty = self.some_type();
                let field = self.bounded(ty, "a", 60);
                let constraints = field_bounds(&field).into_iter().collect();
                Input { field, constraints, default: None }
            })
            .collect();
        for input in &mut inputs {
            if self.random.chance(8) {
                input.default = self.data(&input.field.clone());
            }
        }
        if let Some(last) = inputs.len().checked_sub(1).filter(|_| self.random.chance(10)) {
            let names = inputs.iter().map(|it| it.field.clone()).collect::<Vec<_>>();
            let names = variables(&names);
            let clause = self.with(names, |it| it.in_contract(|it| it.clause(Place::Entry)));
            inputs[last].constraints.push(clause);
        }
        inputs
    }

    fn enter(&mut self, inputs: &[Input], state: &[StateVariable]) {
        self.scope.clear();
        let fields = inputs.iter().map(|it| &it.field).chain(state.iter().map(|it| &it.field));
        for field in fields {
            let mut variable = Variable::new(field.name.clone(), field.ty).within(field.low, field.high);
            variable.entry = true;
            self.scope.push(variable);
        }
    }

    fn outputs(&mut self, most: usize) -> Vec<Field> {
        (0..self.random.below(most) + 1)
            .map(|_| {
                let ty = self.some_type();
                Field::new(self.fresh("r"), ty)
            })
            .collect()
    }

    fn begun(&mut self, name: &str, inputs: Vec<Input>, success: Vec<Field>) -> Function {
        let name = self.fresh(name);
        let record = self.result_record(&success);
        Function {
            name,
            version: self.random.chance(30).then(|| 1 + u32::from(self.random.chance(50))),
            kind: self.random.pick::<&str>(KINDS),
            inputs,
            success,
            record,
            errors: vec![],
            uses_state: false,
            preconditions: vec![],
            postconditions: vec![],
            invariants: vec![],
            decreases: vec![],
            flow: vec![],
            capabilities: vec![],
            example: None,
        }
    }

    fn contract(&mut self, function: &mut Function, state: &[StateVariable], host: &[HostOperation]) {
        let careful = self.careful;
        self.contract = true;
        for _ in 0..self.random.below(3) {
            self.careful = careful || self.random.chance(85);
            let clause = self.clause(Place::Entry);
            function.preconditions.push(clause);
        }
        self.careful = careful;
        self.old = true;
        function.postconditions = self.postconditions(&function.success, &function.errors, state, host);
        (self.old, self.contract) = (false, false);
    }

    fn example(&mut self, function: &mut Function) {
        if self.random.chance(80) {
            return;
        }
        let fields: Option<Vec<String>> = function
            .inputs
            .iter()
            .map(|it| Some(format!("{}: {}", it.field.name, self.data(&it.field)?)))
            .collect();
        function.example = fields.map(|fields| format!("{{ {} }}", fields.join(", ")));
    }

    fn pure_function(&mut self, functions: &[Function]) -> Function {
        let (inputs, success) = (self.inputs(3), self.outputs(1));
        self.enter(&inputs, &[]);
        let mut function = self.begun("pure_", inputs, success);
        self.contract(&mut function, &[], &[]);
        let steps = self.random.below(3);
        let fits: Vec<Function> = functions.iter().filter(|it| it.kind == "lemma").cloned().collect();
        let reach = Reach { functions: &fits, host: &[], state: &[] };
        let mut flow = Flow::new(self, reach, function.success.clone(), vec![]);
        flow.pure = true;
        function.flow = flow.write(steps);
        self.example(&mut function);
        self.publish(&function);
        function
    }

    fn publish(&mut self, function: &Function) {
        let inputs = function.inputs.iter().map(|it| it.field.clone()).collect::<Vec<_>>();
        let result = &function.success[0];
        let result = Variable::new(result.name.clone(), result.ty).within(result.low, result.high);
        self.pure.push(Pure { name: function.name.clone(), inputs: variables(&inputs), result });
    }

    /// `f(n - 1, ...)` under `n > 0`.
    fn recursive_function(&mut self) -> Function {
        let mut inputs = self.inputs(2);
        inputs.iter_mut().for_each(|it| it.default = None);
        let mut count = Field::new(self.fresh("n"), Ty::INTEGER);
        (count.low, count.high) = (0, 6);
        let constraints = field_bounds(&count).into_iter().collect();
        inputs.insert(0, Input { field: count.clone(), constraints, default: None });
        let success = self.outputs(1);
        self.enter(&inputs, &[]);
        let mut function = self.begun("again_", inputs, success);
        self.contract(&mut function, &[], &[]);
        let read = || Expr::atom(Ty::INTEGER, count.name.clone()).within(0, 6);
        function.decreases = vec![read()];
        let result = function.success[0].clone();
        let base = self.write(result.ty, 6);
        let mut stop = Step::new(self.fresh("s"), Operation::Return(vec![(result.name.clone(), base)]));
        let zero = (level::UPDATE, Expr::integer(0));
        stop.when = Some(Expr::infix(Ty::BOOLEAN, level::COMPARISON, (level::UPDATE, read()), " <= ", zero));
        // A careless one now and then does not come nearer to its end.
        let endless = !self.careful && self.random.chance(10);
        let less = if endless {
            read()
        } else {
            let one = (level::MULTIPLICATIVE, Expr::integer(1));
            Expr::infix(Ty::INTEGER, level::ADDITIVE, (level::ADDITIVE, read()), " - ", one).within(0, 5)
        };
        let mut pieces = vec![text(format!("{}(", function.name)), hole(level::OPEN, less)];
        for input in &function.inputs[1..] {
            self.budget = 4;
            let value = self.field(input.field.ty, input.field.low, input.field.high, 4);
            pieces.extend([text(", "), hole(level::OPEN, value)]);
        }
        pieces.push(text(")"));
        let call = Expr::new(result.ty, level::ATOM, pieces);
        let name = self.fresh("v");
        let recurse = Step::new(
            self.fresh("s"),
            Operation::Compute { bindings: vec![(name.clone(), call)], ghost: false },
        );
        self.scope.push(Variable::new(name, result.ty));
        let whole = self.write(result.ty, 8);
        let last = Step::new(self.fresh("s"), Operation::Return(vec![(result.name.clone(), whole)]));
        function.flow = vec![stop, recurse, last];
        self.publish(&function);
        function
    }

    fn lemma(&mut self, functions: &[Function]) -> Function {
        let inputs = self.inputs(2);
        self.enter(&inputs, &[]);
        let mut function = self.begun("lemma_", inputs, vec![]);
        function.kind = "lemma";
        self.contract(&mut function, &[], &[]);
        let fits: Vec<Function> = functions.iter().filter(|it| it.kind == "lemma").cloned().collect();
        let reach = Reach { functions: &fits, host: &[], state: &[] };
        let steps = self.random.below(3);
        let mut flow = Flow::new(self, reach, vec![], vec![]);
        flow.lemma = true;
        // Ghost code as a whole: its integers are mathematical.
        flow.author.contract = true;
        function.flow = flow.write(steps);
        flow.author.contract = false;
        function
    }

    fn effectful(
        &mut self,
        functions: &[Function],
        state: &[StateVariable],
        host: &[HostOperation],
        steps: usize,
    ) -> Function {
        let (inputs, success) = (self.inputs(4), self.outputs(3));
        let uses_state = !state.is_empty() && self.random.chance(85);
        let state = if uses_state { state } else { &[] };
        self.enter(&inputs, state);
        let mut function = self.begun("run_", inputs, success);
        function.uses_state = uses_state;
        function.errors = self.codes(3);
        self.contract(&mut function, state, host);
        if let Some(variable) = state.first().filter(|_| self.random.chance(20)) {
            let name = &variable.field.name;
            if variable.field.ty != Ty::FLOAT {
                let clause =
                    Expr::new(Ty::BOOLEAN, level::COMPARISON, vec![text(format!("{name} == {name}"))]);
                function.invariants.push(clause);
            }
        }
        let reach = Reach { functions, host, state };
        let mut flow = Flow::new(self, reach, function.success.clone(), function.errors.clone());
        flow.uses_state = uses_state;
        function.flow = flow.write(steps);
        function.capabilities = flow.capabilities.into_iter().collect();
        self.example(&mut function);
        function
    }
}
