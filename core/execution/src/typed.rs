//! Typed handles: a function resolved once, called with native scalars, nothing converted or allocated.

use std::marker::PhantomData;

use anrf_format::semantic::Function;
use anrf_format::timestamp::Timestamp;
use anrf_format::types::{TypeId, TypeTable};
use anrf_runtime::{Instance, SlotCall, Stopped};

/// A native type that is one slot (`docs/layout.md`): `bool`, `i64`, `f64`, [`Timestamp`].
pub trait Scalar: Copy {
    /// The type in the language.
    const TYPE: TypeId;

    /// As a slot.
    fn to_slot(self) -> u64;

    /// From a slot of this type.
    fn from_slot(slot: u64) -> Self;
}

impl Scalar for bool {
    const TYPE: TypeId = TypeId::BOOLEAN;

    fn to_slot(self) -> u64 {
        u64::from(self)
    }

    fn from_slot(slot: u64) -> Self {
        slot != 0
    }
}

impl Scalar for i64 {
    const TYPE: TypeId = TypeId::INTEGER;

    fn to_slot(self) -> u64 {
        self.cast_unsigned()
    }

    fn from_slot(slot: u64) -> Self {
        slot.cast_signed()
    }
}

impl Scalar for f64 {
    const TYPE: TypeId = TypeId::FLOAT;

    fn to_slot(self) -> u64 {
        self.to_bits()
    }

    fn from_slot(slot: u64) -> Self {
        Self::from_bits(slot)
    }
}

impl Scalar for Timestamp {
    const TYPE: TypeId = TypeId::TIMESTAMP;

    fn to_slot(self) -> u64 {
        self.micros().cast_unsigned()
    }

    fn from_slot(slot: u64) -> Self {
        // A slot of a timestamp is always in range; a wrong one would still be some timestamp.
        Self::from_micros(slot.cast_signed()).unwrap_or(Self::MIN)
    }
}

/// Several scalars: arguments or success fields in declared order.
pub trait Scalars: Copy {
    /// An array with one element per scalar.
    type Slots: AsRef<[u64]> + AsMut<[u64]>;
    /// The types.
    const TYPES: &'static [TypeId];

    /// As slots.
    fn to_slots(self) -> Self::Slots;

    /// From slots.
    fn from_slots(slots: &Self::Slots) -> Self;

    /// Slots to be filled.
    fn empty() -> Self::Slots;
}

macro_rules! scalars {
    ($count:literal $($name:ident $index:tt)*) => {
        impl<$($name: Scalar),*> Scalars for ($($name,)*) {
            type Slots = [u64; $count];
            const TYPES: &'static [TypeId] = &[$($name::TYPE),*];

            fn to_slots(self) -> Self::Slots {
                [$(self.$index.to_slot()),*]
            }

            fn from_slots(_slots: &Self::Slots) -> Self {
                ($($name::from_slot(_slots[$index]),)*)
            }

            fn empty() -> Self::Slots {
                [0; $count]
            }
        }
    };
}

scalars!(1 A 0);
scalars!(2 A 0 B 1);
scalars!(3 A 0 B 1 C 2);
scalars!(4 A 0 B 1 C 2 D 3);
scalars!(5 A 0 B 1 C 2 D 3 E 4);
scalars!(6 A 0 B 1 C 2 D 3 E 4 F 5);

/// A function as a native one. Owns the memory of its runs, so it is called from one thread at a time;
/// make one per thread.
pub struct TypedFunction<Arguments, Results> {
    instance: Box<dyn Instance>,
    call: SlotCall,
    types: PhantomData<fn(Arguments) -> Results>,
}

impl<Arguments, Results> std::fmt::Debug for TypedFunction<Arguments, Results> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("TypedFunction").field("function", &self.call.function).finish_non_exhaustive()
    }
}

impl<Arguments: Scalars, Results: Scalars> TypedFunction<Arguments, Results> {
    /// A handle of a function (index), if its inputs and success fields have these types and it needs
    /// neither state nor host operations.
    #[must_use]
    pub fn new(
        instance: Box<dyn Instance>,
        types: &TypeTable,
        index: u32,
        function: &Function,
    ) -> Option<Self> {
        let same = |expected: &[TypeId], found: Vec<TypeId>| {
            let mut pairs = expected.iter().zip(&found);
            expected.len() == found.len() && pairs.all(|(a, b)| types.get(*a) == types.get(*b))
        };
        let inputs = function.inputs.iter().map(|input| input.type_id).collect();
        let success = function.success.iter().map(|field| field.type_id).collect();
        let fits = same(Arguments::TYPES, inputs)
            && same(Results::TYPES, success)
            && function.state.is_empty()
            && function.security.capabilities_required.is_empty();
        let call = SlotCall { function: index, ..SlotCall::default() };
        fits.then_some(Self { instance, call, types: PhantomData })
    }

    /// Calls it.
    ///
    /// # Errors
    /// How it ended, if not in success.
    pub fn call(&mut self, arguments: Arguments) -> Result<Results, Box<Stopped>> {
        let mut results = Results::empty();
        self.instance.call_slots(&self.call, arguments.to_slots().as_ref(), results.as_mut())?;
        Ok(Results::from_slots(&results))
    }
}

/// The types of a function, for the message that says why a handle does not fit.
#[must_use]
pub fn describe(types: &TypeTable, function: &Function) -> String {
    let list =
        |ids: &mut dyn Iterator<Item = TypeId>| ids.map(|id| types.name(id)).collect::<Vec<_>>().join(", ");
    let inputs = list(&mut function.inputs.iter().map(|input| input.type_id));
    let success = list(&mut function.success.iter().map(|field| field.type_id));
    format!("({inputs}) -> ({success})")
}
