//! Limits at their real size: long runs in little memory, and runs beside each other with caps of their own.

/// Functions that make much and keep little, or keep what they are told to.
pub const MODULE: &str = r#"anrf: "1"
module: limits
intent: Functions that measure what a run costs.
types:
  Point: { fields: { x: integer, label: string } }
functions:
  - node_id: churn
    type: algorithm
    intent: Make a string, an array and a record in every iteration and keep none of them.
    inputs: { iterations: { type: integer, constraints: ["iterations >= 0"] } }
    outputs: { success: { total: integer } }
    examples:
      - { inputs: { iterations: 3 }, success: { total: 45 } }
    flow:
      - step: make
        operation: loop
        parameters:
          state: { total: "0" }
          for: "i IN 0..iterations"
          do:
            - step: temporaries
              operation: compute
              parameters:
                numbers: "[i, i + 1, i + 2]"
                point: "Point { x: numbers[0] - i, label: 'a label of ' ++ to_string(i % 10) }"
            - step: sum
              operation: next
              parameters: { total: "total + LEN(numbers) + point.x + LEN(point.label)" }
      - step: done
        operation: return
        parameters: { total: total }
  - node_id: hold
    type: algorithm
    intent: Keep so many numbers at once, and say how many there are.
    inputs: { count: { type: integer, constraints: ["count >= 0"] } }
    outputs: { success: { held: integer } }
    examples:
      - { inputs: { count: 4 }, success: { held: 4 } }
    flow:
      - step: numbers
        operation: compute
        parameters: { numbers: "[i * i FOR i IN 0..count]" }
      - step: done
        operation: return
        parameters: { held: "LEN(numbers)" }
"#;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use std::sync::Barrier;

    use anrf::{Engine, Limit, Limits, Outcome, Policy, Run, Value};

    use super::*;

    fn limited(memory_bytes: u64) -> Policy {
        let limits = Limits { memory_bytes, fuel: u64::MAX, contract_budget: u64::MAX, ..Limits::default() };
        Policy::default().limits(limits)
    }

    fn success(field: &str, value: i64) -> Outcome {
        Outcome::Success(vec![(field.to_owned(), Value::Integer(value))])
    }

    #[test]
    fn the_module_says_what_it_does() {
        let module = Engine::new().load_text("limits.vsp", MODULE).unwrap();
        assert_eq!(module.diagnostics(), []);
        assert!(module.test().unwrap().iter().all(|example| example.passed));
    }

    #[test]
    fn ten_million_iterations_that_make_temporaries_stay_under_a_mebibyte() {
        let function = Engine::new().load_text("limits.vsp", MODULE).unwrap().function("churn").unwrap();
        let run = Run::new().input("iterations", Value::Integer(10_000_000)).policy(limited(1 << 20));
        let execution = function.run(run).unwrap();
        assert_eq!(*execution.outcome(), success("total", 150_000_000));
        assert!(execution.record().peak_memory <= 1 << 20, "{} bytes", execution.record().peak_memory);
    }

    /// What is not made because nobody sees it is not made either where somebody watches.
    #[test]
    fn a_watched_run_takes_the_same_fuel_and_memory() {
        let text = r#"anrf: "1"
module: watched
intent: Optionals that nobody sees, and one that has a name.
functions:
  - node_id: tally
    type: algorithm
    intent: How often each number modulo nine occurs, twice.
    inputs: { count: integer }
    outputs: { success: { nameless: "map<integer, integer>", named: "map<string, integer>" } }
    examples:
      - { inputs: { count: 0 }, success: { nameless: [], named: {} } }
    flow:
      - step: each
        operation: loop
        parameters:
          state:
            nameless: { type: "map<integer, integer>", initial: "{}" }
            named: { type: "map<string, integer>", initial: "{}" }
          for: "i IN 0..count"
          do:
            - step: look
              operation: compute
              parameters:
                key: "to_string(i % 9)"
                found: "get(named, key)"
                size: "OR_ELSE(found, 0)"
            - step: add
              operation: next
              parameters:
                nameless: "nameless WITH [i % 9] = OR_ELSE(get(nameless, i % 9), 0) + 1"
                named: "named WITH [key] = size + i"
      - step: done
        operation: return
        parameters: { nameless: nameless, named: named }
"#;
        let run = |engine: Engine| {
            let function = engine.load_text("watched.vsp", text).unwrap().function("tally").unwrap();
            let execution = function.call([("count", Value::Integer(50))]).unwrap();
            let record = execution.record();
            (record.peak_memory, record.fuel, execution.outcome().clone())
        };
        let alone = run(Engine::new());
        assert!(matches!(alone.2, Outcome::Success(_)), "{:?}", alone.2);
        assert_eq!(alone, run(Engine::builder().tracing().build()));
    }

    #[test]
    fn runs_beside_each_other_keep_their_own_memory_caps() {
        const COUNT: i64 = 20_000;
        let module = Engine::new().load_text("limits.vsp", MODULE).unwrap();
        let start = Barrier::new(2);
        let run_with = |memory_bytes: u64| {
            let function = module.function("hold").unwrap();
            (0..50)
                .map(|_| {
                    let run = Run::new().input("count", Value::Integer(COUNT)).policy(limited(memory_bytes));
                    start.wait();
                    let execution = function.run(run).unwrap();
                    assert!(execution.record().peak_memory <= memory_bytes);
                    execution.outcome().clone()
                })
                .collect::<Vec<_>>()
        };
        std::thread::scope(|scope| {
            let small = scope.spawn(|| run_with(100_000));
            let large = scope.spawn(|| run_with(10_000_000));
            let small = small.join().unwrap();
            assert!(
                small.iter().all(|outcome| matches!(outcome, Outcome::Limit(Limit::Memory))),
                "{small:?}"
            );
            assert_eq!(large.join().unwrap(), vec![success("held", COUNT); 50]);
        });
    }
}
