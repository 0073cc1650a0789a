//! What a program declares before its functions: types, state, host operations.

use super::author::{Author, Variable};
use super::contracts::{Place, bounds, field_bounds};
use super::expression::Expr;
use super::program::{HostOperation, StateVariable};
use super::types::{Enumeration, Field, Kind, Machine, Record, Ty, Variant};
use super::values;

/// Codes of errors, few, so that those of callees are often declared by callers too.
pub(crate) const CODES: &[&str] = &["missing", "refused", "busy", "too_large"];

const RANGES: &[(i128, i128)] =
    &[(0, 100), (-50, 50), (0, i64::MAX as i128), (1, 1), (-1_000_000, 1_000_000)];

impl Author {
    pub(crate) fn declare_types(&mut self) {
        for _ in 0..1 + self.random.below(2) {
            let symbols = (0..2 + self.random.below(4)).map(|_| self.fresh("e")).collect();
            let alias = if self.random.chance(50) { Some(self.fresh("Color")) } else { None };
            self.types.enumerations.push(Enumeration { alias, symbols });
            self.pool(Kind::Enum(self.types.enumerations.len() - 1));
        }
        if self.random.chance(45) {
            self.machine();
        }
        for _ in 0..2 {
            self.composite();
        }
        for _ in 0..1 + self.random.below(2) {
            self.record_type();
        }
        if self.random.chance(65) {
            self.variant_type();
        }
        for _ in 0..3 + self.random.below(5) {
            self.composite();
        }
        if self.random.chance(30) {
            let (name, ty) = (self.fresh("Alias"), self.some_type());
            self.types.aliases.push((name, ty));
        }
    }

    fn pool(&mut self, kind: Kind) -> Ty {
        let ty = self.types.intern(kind);
        if !self.types.pool.contains(&ty) {
            self.types.pool.push(ty);
        }
        ty
    }

    fn machine(&mut self) {
        let states: Vec<String> = (0..2 + self.random.below(3)).map(|_| self.fresh("at")).collect();
        let mut transitions = vec![];
        for _ in 0..2 + self.random.below(4) {
            let (from, to) = (self.random.below(states.len()), self.random.below(states.len()));
            if !transitions.contains(&(from, to)) {
                transitions.push((from, to));
            }
        }
        let name = self.fresh("flow");
        self.types.machines.push(Machine { name, states, transitions });
        self.pool(Kind::Machine(self.types.machines.len() - 1));
    }

    /// An optional or a collection of what there is.
    fn composite(&mut self) {
        let shallow: Vec<Ty> =
            self.types.pool.iter().copied().filter(|it| self.types.height(*it) < 3).collect();
        let inner = *self.random.pick(&shallow);
        let keys: Vec<Ty> = shallow.iter().copied().filter(|it| self.types.is_key(*it)).collect();
        let key = *self.random.pick(&keys);
        let kind = match self.random.below(8) {
            0..=2 => Kind::Array(inner),
            3 | 4 => Kind::Optional(inner),
            5 | 6 => Kind::Map(key, inner),
            _ => Kind::Set(key),
        };
        self.pool(kind);
    }

    fn fields(&mut self, count: usize) -> Vec<Field> {
        let shallow: Vec<Ty> =
            self.types.pool.iter().copied().filter(|it| self.types.height(*it) < 3).collect();
        (0..count)
            .map(|_| {
                let ty = *self.random.pick(&shallow);
                self.bounded(ty, "f", 50)
            })
            .collect()
    }

    /// A field, with bounds in so many of a hundred cases if it is an integer.
    pub(crate) fn bounded(&mut self, ty: Ty, prefix: &str, percent: usize) -> Field {
        let mut field = Field::new(self.fresh(prefix), ty);
        if ty == Ty::INTEGER && self.random.chance(percent) {
            (field.low, field.high) = *self.random.pick(RANGES);
        }
        field
    }

    fn record_type(&mut self) {
        let count = 1 + self.random.below(3);
        let mut fields = self.fields(count);
        if self.random.chance(40) {
            fields.insert(0, self.bounded(Ty::INTEGER, "f", 100));
        }
        let mut constraints: Vec<Expr> = fields.iter().filter_map(field_bounds).collect();
        if self.random.chance(25) {
            let names = variables(&fields);
            constraints.push(self.with(names, |it| it.in_contract(|it| it.clause(Place::Entry))));
        }
        let name = self.fresh("Record");
        self.types.records.push(Record { name, fields, constraints });
        self.pool(Kind::Record(self.types.records.len() - 1));
    }

    fn variant_type(&mut self) {
        let mut cases = vec![];
        for _ in 0..1 + self.random.below(3) {
            let count = self.random.below(3);
            let mut fields = self.fields(count);
            // Cases have no constraints.
            fields.iter_mut().for_each(|it| *it = Field::new(it.name.clone(), it.ty));
            cases.push((self.fresh("case"), fields));
        }
        let name = self.fresh("Variant");
        self.types.variants.push(Variant { name, cases });
        let index = self.types.variants.len() - 1;
        let ty = self.pool(Kind::Variant(index));
        if self.random.chance(30) {
            let inner = self.pool(Kind::Optional(ty));
            let case = (self.fresh("case"), vec![Field::new(self.fresh("f"), inner)]);
            self.types.variants[index].cases.push(case);
        }
    }

    /// The type of a result, which no other type equals.
    pub(crate) fn result_record(&mut self, fields: &[Field]) -> Ty {
        let record = Record { name: String::new(), fields: fields.to_vec(), constraints: vec![] };
        self.types.records.push(record);
        self.types.intern(Kind::Record(self.types.records.len() - 1))
    }

    /// A value as it can stand in YAML: without characters that YAML wants written otherwise.
    pub(crate) fn data(&mut self, field: &Field) -> Option<String> {
        for _ in 0..6 {
            let text = values::field_json(&mut self.random, &self.types, field, 1);
            if fits_yaml(&text) {
                return Some(text);
            }
        }
        None
    }

    pub(crate) fn declare_state(&mut self) -> (Vec<StateVariable>, Vec<Expr>) {
        let mut state: Vec<StateVariable> = vec![];
        if self.random.chance(45) {
            return (state, vec![]);
        }
        let machine = (0..self.types.machines.len()).next().and_then(|it| self.types.find(Kind::Machine(it)));
        for position in 0..1 + self.random.below(4) {
            let ty = match machine {
                Some(machine) if position == 0 => machine,
                _ => self.some_type(),
            };
            let field = self.bounded(ty, "t", 70);
            let Some(initial) = self.data(&field) else { continue };
            let mut constraints: Vec<Expr> = field_bounds(&field).into_iter().collect();
            if constraints.is_empty() && self.random.chance(40) {
                let names = variables(std::slice::from_ref(&field));
                let careful = std::mem::replace(&mut self.careful, true);
                constraints.push(self.with(names, |it| it.in_contract(|it| it.clause(Place::Initial))));
                self.careful = careful;
            }
            state.push(StateVariable { field, initial, constraints });
        }
        let mut invariants = vec![];
        for variable in &state {
            let Field { name, ty, low, high } = &variable.field;
            let read = Expr::atom(*ty, name.clone());
            if *ty == Ty::INTEGER && self.random.chance(50) {
                invariants.push(bounds(read, *low, *high));
            } else if matches!(self.types.get(*ty), Kind::Array(_) | Kind::Map(..)) && self.random.chance(50)
            {
                // Holds until the state grows: updates may break it.
                let most = if self.careful { 1_000_000 } else { 4 };
                invariants.push(bounds(Expr::call(Ty::INTEGER, "LEN", vec![read]), 0, most));
            }
        }
        if !self.careful {
            // The initial value has to meet it.
            for variable in &mut state {
                if matches!(self.types.get(variable.field.ty), Kind::Array(_)) {
                    variable.initial = "[]".to_owned();
                }
            }
            let types = &self.types;
            let is_map = |name: &str| {
                state
                    .iter()
                    .any(|it| it.field.name == name && matches!(types.get(it.field.ty), Kind::Map(..)))
            };
            invariants.retain(|it| !is_map(it.to_text().split(['(', ')']).nth(1).unwrap_or_default()));
        }
        (state, invariants)
    }

    pub(crate) fn declare_host(&mut self) -> Vec<HostOperation> {
        let count = *self.random.pick(&[0, 0, 1, 2, 3]);
        (0..count).map(|_| self.host_operation()).collect()
    }

    fn host_operation(&mut self) -> HostOperation {
        let name = self.fresh("ask");
        let capability =
            (*self.random.pick(&["network.http.bank", "disk.read", "clock", "mail.send.bulk"])).to_owned();
        let inputs: Vec<Field> = (0..self.random.below(3))
            .map(|_| {
                let ty = self.some_type();
                self.bounded(ty, "p", 50)
            })
            .collect();
        let success: Vec<Field> = (0..self.random.below(4))
            .map(|_| {
                let ty = self.some_type();
                self.bounded(ty, "q", 60)
            })
            .collect();
        let record = self.result_record(&success);
        let errors = self.codes(2);
        let mut preconditions: Vec<Expr> = inputs.iter().filter_map(field_bounds).collect();
        let mut postconditions: Vec<Expr> = success.iter().filter_map(field_bounds).collect();
        if self.random.chance(20) {
            let names = variables(&inputs);
            preconditions.push(self.with(names, |it| it.in_contract(|it| it.clause(Place::Entry))));
        }
        if self.random.chance(20) {
            let names = variables(&success);
            postconditions.push(self.with(names, |it| it.in_contract(|it| it.clause(Place::Entry))));
        }
        let idempotent = self.random.chance(60);
        HostOperation {
            name,
            capability,
            inputs,
            success,
            record,
            errors,
            preconditions,
            postconditions,
            idempotent,
        }
    }

    /// Up to so many error codes.
    pub(crate) fn codes(&mut self, most: usize) -> Vec<String> {
        let first = self.random.below(CODES.len());
        let count = self.random.below(most + 1);
        (0..count).map(|it| CODES[(first + it) % CODES.len()].to_owned()).collect()
    }
}

/// Fields as names in scope.
pub(crate) fn variables(fields: &[Field]) -> Vec<Variable> {
    fields.iter().map(|it| Variable::new(it.name.clone(), it.ty).within(it.low, it.high)).collect()
}

fn fits_yaml(text: &str) -> bool {
    !text.contains("\\u00")
        && !text.chars().any(|it| it.is_control() || matches!(it, '\u{2028}' | '\u{2029}' | '\u{feff}'))
}
