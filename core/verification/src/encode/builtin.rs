//! Built-ins as terms. What no theory has is a function of which only what stands here is known; a goal that
//! needs more of it is Unknown with the built-in's name.

use anrf_format::builtin::Builtin;
use anrf_format::types::TypeId;
use num_bigint::BigInt;

use super::Encoder;
use super::collection::Function;
use super::sorts::Shape;
use crate::term::{SortId, TermId, Theory};

impl Encoder<'_> {
    /// The value of a built-in on arguments it is defined for.
    pub(super) fn builtin(
        &mut self,
        builtin: Builtin,
        types: &[TypeId],
        arguments: &[TermId],
        result: TypeId,
    ) -> TermId {
        let first = types.first().copied().unwrap_or(TypeId::BOOLEAN);
        let shape = self.shape(first);
        match (builtin, arguments) {
            (Builtin::Len, &[a]) => self.len_of(first, a),
            (Builtin::IsSome, &[a]) => self.is_some(first, a),
            (Builtin::ValueOf, &[a]) => self.payload(first, a),
            (Builtin::OrElse, &[a, b]) => {
                let (present, payload) = (self.is_some(first, a), self.payload(first, a));
                self.terms.if_then_else(present, payload, b)
            }
            (Builtin::Abs, &[a]) if first == TypeId::FLOAT => {
                self.terms.theory(Theory::FloatAbsolute, vec![a])
            }
            (Builtin::Abs, &[a]) => {
                let (zero, negated) = (self.zero(first), self.terms.negate(a));
                let not_negative = self.terms.less_equal(zero, a);
                self.terms.if_then_else(not_negative, a, negated)
            }
            (Builtin::Min, &[a, b]) => {
                let first_is_less = self.total_less(first, a, b);
                self.terms.if_then_else(first_is_less, a, b)
            }
            (Builtin::Max, &[a, b]) => {
                let first_is_less = self.total_less(first, a, b);
                self.terms.if_then_else(first_is_less, b, a)
            }
            (Builtin::Sqrt, &[a]) => self.terms.theory(Theory::FloatSqrt, vec![a]),
            (Builtin::Isqrt, &[a]) => self.integer_root(a),
            (Builtin::Pow, &[a, exponent]) => self.power(first, a, exponent, result),
            (Builtin::FloorDiv, &[a, b]) => self.terms.floor_divide(a, b),
            (Builtin::FloorMod, &[a, b]) => self.terms.floor_modulo(a, b),
            (Builtin::BitNot, &[a]) => {
                let (negated, one) = (self.terms.negate(a), self.terms.integer(1));
                self.terms.subtract(negated, one)
            }
            (Builtin::BitAnd | Builtin::BitOr | Builtin::BitXor, &[a, b]) => {
                let function = match builtin {
                    Builtin::BitAnd => Theory::BitAnd,
                    Builtin::BitOr => Theory::BitOr,
                    _ => Theory::BitXor,
                };
                let within = self.bitwise(function, a, b);
                if result == TypeId::INTEGER {
                    return within;
                }
                // Wider numbers, which only contracts have, are left open.
                let (a_fits, b_fits) = (self.in_64_bits(a), self.in_64_bits(b));
                let fits = self.terms.and(vec![a_fits, b_fits]);
                let beyond = self.known_by_name(builtin, types, arguments, result);
                self.terms.if_then_else(fits, within, beyond)
            }
            (Builtin::ShiftLeft, &[a, places]) => {
                let factor = self.two_to(places);
                self.terms.multiply(a, factor)
            }
            (Builtin::ShiftRight, &[a, places]) => {
                let divisor = self.two_to(places);
                self.terms.theory(Theory::Divide, vec![a, divisor])
            }
            (Builtin::Get, &[map, key]) => match shape {
                Shape::Map(mapping, ..) => {
                    let has = self.terms.apply(mapping.has, vec![map, key]);
                    let found = self.terms.apply(mapping.lookup, vec![map, key]);
                    let (some, none) = (self.some(result, found), self.none(result));
                    self.terms.if_then_else(has, some, none)
                }
                _ => self.opaque("get", result),
            },
            (Builtin::Keys, &[map]) => match (shape, self.shape(result)) {
                (Shape::Map(mapping, key, _), Shape::List(list, _)) => self.ascending(
                    (mapping.sort, mapping.key),
                    [mapping.has, mapping.size],
                    list,
                    |encoder, a, b| Some(encoder.less_values(key, a, b, true)),
                    map,
                ),
                _ => self.opaque("keys", result),
            },
            (Builtin::Items, &[set]) => match (shape, self.shape(result)) {
                (Shape::Set(members, element), Shape::List(list, _)) => self.ascending(
                    (members.sort, members.element),
                    [members.has, members.size],
                    list,
                    |encoder, a, b| Some(encoder.less_values(element, a, b, true)),
                    set,
                ),
                _ => self.opaque("items", result),
            },
            (Builtin::Values | Builtin::Entries, &[map]) => self.of_keys(builtin, first, map, result),
            (Builtin::Union | Builtin::Intersect | Builtin::Difference, &[a, b]) => match shape {
                Shape::Set(members, _) => {
                    let function = match builtin {
                        Builtin::Union => Function::Union,
                        Builtin::Intersect => Function::Intersect,
                        _ => Function::Difference,
                    };
                    self.set_operation(members, function, a, b)
                }
                _ => self.opaque("sets", result),
            },
            (Builtin::IsSubset, &[a, b]) => match shape {
                Shape::Set(members, _) => self.is_subset(members, a, b),
                _ => self.opaque("is_subset", result),
            },
            (Builtin::Reverse, &[a]) => match shape {
                Shape::List(list, _) => self.reverse(list, a),
                _ => self.reverse_text(a),
            },
            (Builtin::IsPermutation, &[a, b]) => match shape {
                Shape::List(list, _) => self.is_permutation(list, a, b),
                _ => self.opaque("is_permutation", result),
            },
            (Builtin::Unique, &[a]) => match shape {
                Shape::List(list, element) => self.unique(list, element, a),
                _ => self.opaque("UNIQUE", result),
            },
            (Builtin::Flatten, &[a]) => match (shape, self.shape(result)) {
                (Shape::List(outer, _), Shape::List(list, _)) => self.flatten(outer, list, a),
                _ => self.opaque("FLATTEN", result),
            },
            (Builtin::Sort, &[a]) => self.sorted(first, a),
            (Builtin::Zip, &[a, b]) => self.zip(types, a, b, result),
            (Builtin::IndexOf, &[a, item]) => match shape {
                Shape::List(list, element) => self.index_of(list, element, a, item, result),
                _ => {
                    let zero = self.terms.integer(0);
                    let position = self.terms.theory(Theory::IndexOf, vec![a, item, zero]);
                    let found = self.terms.less_equal(zero, position);
                    let (some, none) = (self.some(result, position), self.none(result));
                    self.terms.if_then_else(found, some, none)
                }
            },
            (Builtin::StartsWith, &[text, part]) => self.terms.theory(Theory::PrefixOf, vec![part, text]),
            (Builtin::EndsWith, &[text, part]) => self.terms.theory(Theory::SuffixOf, vec![part, text]),
            (Builtin::ContainsText, &[text, part]) => {
                self.terms.theory(Theory::ContainsText, vec![text, part])
            }
            (Builtin::Substring, &[text, from, to]) => self.cut(text, from, to),
            (Builtin::Matches, &[text, pattern]) => {
                match self.terms.as_text(pattern).and_then(super::pattern::translate) {
                    Some(language) => self.terms.in_language(text, language),
                    None => self.known_by_name(builtin, types, arguments, result),
                }
            }
            (Builtin::Replace, &[text, part, by]) => self.replace_text(text, part, by),
            (Builtin::Split, &[text, separator]) => match self.shape(result) {
                Shape::List(list, _) => self.split_text(list, text, separator),
                _ => self.opaque("split", result),
            },
            (Builtin::Join, &[parts, separator]) => match shape {
                Shape::List(list, _) => self.join_text(list, parts, separator),
                _ => self.opaque("join", result),
            },
            (Builtin::Trim, &[text]) => self.trim_text(text),
            (Builtin::Lower, &[text]) => self.change_case(&super::text::LOWER, text),
            (Builtin::Upper, &[text]) => self.change_case(&super::text::UPPER, text),
            (Builtin::Repeat, &[text, times]) => self.repeat_text(text, times),
            (Builtin::PadLeft, &[text, length, fill]) => self.pad_text(text, length, fill, true),
            (Builtin::PadRight, &[text, length, fill]) => self.pad_text(text, length, fill, false),
            (Builtin::ParseInteger, &[text]) => self.parse_integer(text, result),
            (Builtin::ToString, &[a]) => self.shown(first, a),
            (Builtin::ToInteger, &[a]) if first == TypeId::DECIMAL => self.toward_zero(a),
            (Builtin::ToInteger, &[a]) if self.is_integral(first) => a,
            (Builtin::ToDecimal, &[a]) if self.is_integral(first) => {
                self.terms.theory(Theory::ToReal, vec![a])
            }
            (Builtin::ToDecimal, &[a]) if first == TypeId::FLOAT => {
                self.terms.theory(Theory::RealOfFloat, vec![a])
            }
            (Builtin::ToDecimal | Builtin::ToFloat, &[a]) if first == result => a,
            (Builtin::ToFloat, &[a]) => {
                let a = if first == TypeId::DECIMAL { a } else { self.terms.theory(Theory::ToReal, vec![a]) };
                self.terms.theory(Theory::FloatOfReal, vec![a])
            }
            (Builtin::IsNan, &[a]) => self.terms.theory(Theory::FloatIsNan, vec![a]),
            (Builtin::Round | Builtin::Quantize, &[a, places, mode]) => match self.small(mode) {
                Some(mode) => self.round(a, places, mode),
                None => self.known_by_name(builtin, types, arguments, result),
            },
            (Builtin::Div, &[a, b, places, mode]) => match self.small(mode) {
                Some(mode) => {
                    let quotient = self.terms.theory(Theory::RealDivide, vec![a, b]);
                    self.round(quotient, places, mode)
                }
                None => self.known_by_name(builtin, types, arguments, result),
            },
            (Builtin::Floor, &[a]) if first == TypeId::FLOAT => {
                self.terms.theory(Theory::FloatFloor, vec![a])
            }
            (Builtin::Ceil, &[a]) if first == TypeId::FLOAT => {
                self.terms.theory(Theory::FloatCeiling, vec![a])
            }
            (Builtin::Floor, &[a]) => {
                let whole = self.terms.theory(Theory::Floor, vec![a]);
                self.terms.theory(Theory::ToReal, vec![whole])
            }
            (Builtin::Ceil, &[a]) => {
                let whole = self.ceiling(a);
                self.terms.theory(Theory::ToReal, vec![whole])
            }
            (Builtin::AddMicros, &[a, micros]) => self.terms.add(a, micros),
            (Builtin::MicrosBetween, &[from, to]) => self.terms.subtract(to, from),
            (Builtin::Hour, &[a]) => self.clock(a, 3_600_000_000, 24),
            (Builtin::Minute, &[a]) => self.clock(a, 60_000_000, 60),
            (Builtin::Second, &[a]) => self.clock(a, 1_000_000, 60),
            _ => self.known_by_name(builtin, types, arguments, result),
        }
    }

    /// A function of the built-in's name on these sorts; what it gives is of its type.
    ///
    /// Types that share a sort share the function, so what is said of one type's arguments must not reach another's:
    /// where the result's type depends on that of the arguments it is said of arguments of their types alone.
    pub(super) fn known_by_name(
        &mut self,
        builtin: Builtin,
        types: &[TypeId],
        arguments: &[TermId],
        result: TypeId,
    ) -> TermId {
        let parameters: Vec<SortId> = types.iter().map(|id| self.sort(*id)).collect();
        let sort = self.sort(result);
        let symbol = self.opaque_function(builtin.info().name, parameters.clone(), sort);
        if self.typed.insert((symbol, types.to_vec(), result)) {
            let (variables, given): (Vec<_>, Vec<_>) =
                parameters.iter().map(|sort| self.terms.variable(*sort)).unzip();
            let value = self.terms.apply(symbol, given.clone());
            let mut said = vec![self.well_formed(result, value)];
            said.extend(self.said_of(builtin, value));
            let body = self.terms.and(said);
            self.terms.axiom(symbol, &variables, body, value);
        }
        self.terms.apply(symbol, arguments.to_vec())
    }

    /// What is known of a built-in that no theory has.
    fn said_of(&mut self, builtin: Builtin, value: TermId) -> Vec<TermId> {
        let terms = &mut self.terms;
        let mut within = |low: i64, high: i64| {
            let (low, high) = (terms.integer(low), terms.integer(high));
            vec![terms.between(low, value, high)]
        };
        match builtin {
            Builtin::Year => within(1, 9999),
            Builtin::Month => within(1, 12),
            Builtin::Day => within(1, 31),
            Builtin::Scale => within(0, i64::MAX),
            _ => vec![],
        }
    }

    /// What a check of a built-in demands.
    pub(super) fn builtin_demand(&mut self, builtin: Builtin, types: &[TypeId], values: &[TermId]) -> TermId {
        let first = types.first().copied().unwrap_or(TypeId::BOOLEAN);
        let within = |encoder: &mut Self, value, low: i64, high: i64| {
            let (low, high) = (encoder.terms.integer(low), encoder.terms.integer(high));
            encoder.terms.between(low, value, high)
        };
        match (builtin, values) {
            (Builtin::Abs, &[a]) => {
                let least = self.terms.integer(i64::MIN);
                let equal = self.terms.equal(a, least);
                self.terms.not(equal)
            }
            (Builtin::Isqrt, &[a]) => {
                let zero = self.terms.integer(0);
                self.terms.less_equal(zero, a)
            }
            (Builtin::Pow, &[a, exponent]) => {
                let zero = self.terms.integer(0);
                let not_negative = self.terms.less_equal(zero, exponent);
                if first != TypeId::INTEGER {
                    return not_negative;
                }
                let exact = self.power(TypeId::UNBOUNDED, a, exponent, TypeId::UNBOUNDED);
                let fits = self.in_64_bits(exact);
                self.terms.and(vec![not_negative, fits])
            }
            (Builtin::FloorDiv | Builtin::FloorMod, &[a, b]) => {
                let zero = self.terms.integer(0);
                let equal = self.terms.equal(b, zero);
                let divides = self.terms.not(equal);
                if builtin == Builtin::FloorMod || first == TypeId::UNBOUNDED {
                    return divides;
                }
                let exact = self.terms.floor_divide(a, b);
                let fits = self.in_64_bits(exact);
                self.terms.and(vec![divides, fits])
            }
            (Builtin::ShiftLeft | Builtin::ShiftRight, &[a, places]) => {
                let moves = within(self, places, 0, 63);
                if builtin == Builtin::ShiftRight || first == TypeId::UNBOUNDED {
                    return moves;
                }
                let factor = self.two_to(places);
                let exact = self.terms.multiply(a, factor);
                let fits = self.in_64_bits(exact);
                self.terms.and(vec![moves, fits])
            }
            (Builtin::ValueOf, &[a]) => self.is_some(first, a),
            (Builtin::Substring, &[text, from, to]) => {
                let length = self.terms.theory(Theory::Length, vec![text]);
                self.is_slice(from, to, length)
            }
            (Builtin::Split, &[_, part]) | (Builtin::Replace, &[_, part, _]) => {
                let empty = self.terms.text("");
                let equal = self.terms.equal(part, empty);
                self.terms.not(equal)
            }
            (Builtin::PadLeft | Builtin::PadRight, &[_, _, fill]) => {
                let one = self.terms.integer(1);
                let scalars = self.terms.theory(Theory::Length, vec![fill]);
                self.terms.equal(scalars, one)
            }
            (Builtin::Matches, &[_, pattern]) if self.terms.as_text(pattern).is_some() => {
                let is_pattern = self.terms.as_text(pattern).is_some_and(anrf_runtime::is_pattern);
                self.terms.boolean(is_pattern)
            }
            (Builtin::Repeat, &[_, times]) => {
                let zero = self.terms.integer(0);
                self.terms.less_equal(zero, times)
            }
            (Builtin::Format, &[_, places]) => within(self, places, 0, 1000),
            (Builtin::ToInteger, &[a]) if first == TypeId::DECIMAL => {
                let whole = self.toward_zero(a);
                self.in_64_bits(whole)
            }
            (Builtin::ToDecimal, &[a]) if first == TypeId::FLOAT => {
                let nan = self.terms.theory(Theory::FloatIsNan, vec![a]);
                let infinite = self.terms.theory(Theory::FloatIsInfinite, vec![a]);
                let either = self.terms.or(vec![nan, infinite]);
                self.terms.not(either)
            }
            (Builtin::Round | Builtin::Quantize, &[_, places, _]) => within(self, places, -1000, 1000),
            (Builtin::Div, &[_, b, places, _]) => {
                let zero = self.zero(TypeId::DECIMAL);
                let equal = self.terms.equal(b, zero);
                let divides = self.terms.not(equal);
                let rounds = within(self, places, 0, 1000);
                self.terms.and(vec![divides, rounds])
            }
            (Builtin::AddMicros, &[a, micros]) => {
                let sum = self.terms.add(a, micros);
                self.well_formed(TypeId::TIMESTAMP, sum)
            }
            _ => {
                let parameters: Vec<SortId> = types.iter().map(|id| self.sort(*id)).collect();
                let symbol = self.opaque_demand(builtin.info().name, parameters);
                self.terms.apply(symbol, values.to_vec())
            }
        }
    }

    /// Zero of a kind of number.
    pub(super) fn zero(&mut self, id: TypeId) -> TermId {
        match id {
            TypeId::DECIMAL => self.terms.real(BigInt::ZERO, 1.into()),
            TypeId::FLOAT => self.terms.float(0.0),
            _ => self.terms.integer(0),
        }
    }

    /// The constant that a term plainly is, if it is small.
    pub(super) fn small(&self, id: TermId) -> Option<i64> {
        self.terms.as_integer(id).and_then(|value| i64::try_from(value).ok())
    }

    /// `a < b` in the total order: of floats -0 before 0, NaN last.
    pub(super) fn total_less(&mut self, id: TypeId, a: TermId, b: TermId) -> TermId {
        if id != TypeId::FLOAT {
            return self.less_values(id, a, b, true);
        }
        let [a_is_nan, b_is_nan] = [a, b].map(|it| self.terms.theory(Theory::FloatIsNan, vec![it]));
        let [a_is_zero, b_is_zero] = [a, b].map(|it| self.terms.theory(Theory::FloatIsZero, vec![it]));
        let [a_is_negative, b_is_negative] =
            [a, b].map(|it| self.terms.theory(Theory::FloatIsNegative, vec![it]));
        let less = self.terms.theory(Theory::FloatLess, vec![a, b]);
        let a_is_number = self.terms.not(a_is_nan);
        let nan_last = self.terms.and(vec![a_is_number, b_is_nan]);
        let b_is_positive = self.terms.not(b_is_negative);
        let zeros = self.terms.and(vec![a_is_zero, b_is_zero, a_is_negative, b_is_positive]);
        self.terms.or(vec![less, nan_last, zeros])
    }

    /// The largest integer whose square is at most `a`.
    fn integer_root(&mut self, a: TermId) -> TermId {
        let symbol = self.named("isqrt", |encoder| {
            let symbol = encoder.terms.declare("isqrt", vec![SortId::INTEGER], SortId::INTEGER);
            let (variable, a) = encoder.terms.variable(SortId::INTEGER);
            let root = encoder.terms.apply(symbol, vec![a]);
            let (zero, one) = (encoder.terms.integer(0), encoder.terms.integer(1));
            let next = encoder.terms.add(root, one);
            let (square, above) = (encoder.terms.multiply(root, root), encoder.terms.multiply(next, next));
            let parts = vec![
                encoder.terms.less_equal(zero, root),
                encoder.terms.less_equal(root, a),
                encoder.terms.less_equal(square, a),
                encoder.terms.less(a, above),
            ];
            let said = encoder.terms.and(parts);
            let defined = encoder.terms.less_equal(zero, a);
            let body = encoder.terms.implies(defined, said);
            encoder.terms.axiom(symbol, &[variable], body, root);
            symbol
        });
        self.terms.apply(symbol, vec![a])
    }

    /// Two's complement on 64 bits, between integers.
    fn bitwise(&mut self, function: Theory, a: TermId, b: TermId) -> TermId {
        let a = self.terms.theory(Theory::BitsOfInteger, vec![a]);
        let b = self.terms.theory(Theory::BitsOfInteger, vec![b]);
        let bits = self.terms.theory(function, vec![a, b]);
        let natural = self.terms.theory(Theory::NaturalOfBits, vec![bits]);
        let half = self.terms.integer(BigInt::from(1) << 63_u32);
        let whole = self.terms.integer(BigInt::from(1) << 64_u32);
        let positive = self.terms.less(natural, half);
        let negative = self.terms.subtract(natural, whole);
        self.terms.if_then_else(positive, natural, negative)
    }

    /// A real cut off toward zero, as an integer.
    pub(super) fn toward_zero(&mut self, a: TermId) -> TermId {
        let zero = self.zero(TypeId::DECIMAL);
        let not_negative = self.terms.less_equal(zero, a);
        let down = self.terms.theory(Theory::Floor, vec![a]);
        let up = self.ceiling(a);
        self.terms.if_then_else(not_negative, down, up)
    }

    pub(super) fn ceiling(&mut self, a: TermId) -> TermId {
        let negated = self.terms.negate(a);
        let floor = self.terms.theory(Theory::Floor, vec![negated]);
        self.terms.negate(floor)
    }

    /// A field of the time of day; timestamps may be before 1970, and SMT-LIB's `div` rounds down here.
    fn clock(&mut self, a: TermId, unit: i64, range: i64) -> TermId {
        let (unit, range) = (self.terms.integer(unit), self.terms.integer(range));
        let count = self.terms.theory(Theory::Divide, vec![a, unit]);
        self.terms.theory(Theory::Modulo, vec![count, range])
    }

    /// The values or entries of a map, in the order of its keys.
    fn of_keys(&mut self, builtin: Builtin, map_type: TypeId, map: TermId, result: TypeId) -> TermId {
        let (Shape::Map(mapping, key, _), Shape::List(list, element)) =
            (self.shape(map_type), self.shape(result))
        else {
            return self.opaque("entries", result);
        };
        let key_sort = mapping.key;
        let keys = self.list_of(&format!("array<{}>", self.terms.sorts.name(key_sort)), key_sort);
        let name: &'static str = if builtin == Builtin::Values { "values" } else { "entries" };
        let symbol = self.named_on(name, mapping.sort, |encoder| {
            let keys_of = |encoder: &mut Self, map| {
                encoder.ascending(
                    (mapping.sort, mapping.key),
                    [mapping.has, mapping.size],
                    keys,
                    |encoder, a, b| Some(encoder.less_values(key, a, b, true)),
                    map,
                )
            };
            encoder.list_function(
                name,
                list,
                &[mapping.sort],
                |encoder, given| {
                    let keys_of_map = keys_of(encoder, given[0]);
                    encoder.length(keys, keys_of_map)
                },
                |encoder, given, index| {
                    let keys_of_map = keys_of(encoder, given[0]);
                    let key = encoder.at(keys, keys_of_map, index);
                    let found = encoder.terms.apply(mapping.lookup, vec![given[0], key]);
                    match encoder.shape(element) {
                        Shape::Record(datatype, _) if builtin == Builtin::Entries => {
                            encoder.terms.construct(datatype, 0, vec![key, found])
                        }
                        _ => found,
                    }
                },
            )
        });
        self.terms.apply(symbol, vec![map])
    }

    fn zip(&mut self, types: &[TypeId], a: TermId, b: TermId, result: TypeId) -> TermId {
        let (Some(&first), Some(&second)) = (types.first(), types.get(1)) else {
            return self.opaque("ZIP", result);
        };
        let (Shape::List(of_a, _), Shape::List(of_b, _), Shape::List(list, pair)) =
            (self.shape(first), self.shape(second), self.shape(result))
        else {
            return self.opaque("ZIP", result);
        };
        let Shape::Record(datatype, _) = self.shape(pair) else { return self.opaque("ZIP", result) };
        let symbol = self.named_on("zip", list.sort, |encoder| {
            encoder.list_function(
                "zip",
                list,
                &[of_a.sort, of_b.sort],
                |encoder, given| {
                    let (a, b) = (encoder.length(of_a, given[0]), encoder.length(of_b, given[1]));
                    let shorter = encoder.terms.less(a, b);
                    encoder.terms.if_then_else(shorter, a, b)
                },
                |encoder, given, index| {
                    let (a, b) = (encoder.at(of_a, given[0], index), encoder.at(of_b, given[1], index));
                    encoder.terms.construct(datatype, 0, vec![a, b])
                },
            )
        });
        self.terms.apply(symbol, vec![a, b])
    }

    /// The first position of an item, if there is one.
    fn index_of(
        &mut self,
        list: super::collection::List,
        element: TypeId,
        array: TermId,
        item: TermId,
        result: TypeId,
    ) -> TermId {
        let symbol = self.named_on("first_position", list.sort, |encoder| {
            // -1 where there is none.
            let symbol =
                encoder.terms.declare("first_position", vec![list.sort, list.element], SortId::INTEGER);
            let (array_variable, array) = encoder.terms.variable(list.sort);
            let (item_variable, item) = encoder.terms.variable(list.element);
            let (index_variable, index) = encoder.terms.variable(SortId::INTEGER);
            let position = encoder.terms.apply(symbol, vec![array, item]);
            let (minus_one, length) = (encoder.terms.integer(-1), encoder.length(list, array));
            let low = encoder.terms.less_equal(minus_one, position);
            let high = encoder.terms.less(position, length);
            let zero = encoder.terms.integer(0);
            let found = encoder.terms.less_equal(zero, position);
            let there = encoder.at(list, array, position);
            let equal = encoder.equal_values(element, there, item, false);
            let is_item = encoder.terms.implies(found, equal);
            let body = encoder.terms.and(vec![low, high, is_item]);
            encoder.terms.axiom(symbol, &[array_variable, item_variable], body, position);
            let here = encoder.at(list, array, index);
            let not_before = encoder.terms.less(index, position);
            let nowhere = encoder.terms.equal(position, minus_one);
            let before = encoder.terms.or(vec![not_before, nowhere]);
            let inside = encoder.is_index(index, length);
            let condition = encoder.terms.and(vec![inside, before]);
            let equal = encoder.equal_values(element, here, item, false);
            let other = encoder.terms.not(equal);
            let body = encoder.terms.implies(condition, other);
            let pattern = encoder.terms.together(vec![position, here]);
            encoder.terms.axiom(symbol, &[array_variable, item_variable, index_variable], body, pattern);
            symbol
        });
        let position = self.terms.apply(symbol, vec![array, item]);
        let zero = self.terms.integer(0);
        let found = self.terms.less_equal(zero, position);
        let (some, none) = (self.some(result, position), self.none(result));
        self.terms.if_then_else(found, some, none)
    }
}
