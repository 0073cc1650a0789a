//! Two backends are compared with made-up inputs, and one that lies is found.

use std::sync::Arc;

use anrf::{CompareRuns, Engine};
use anrf_runtime::{
    Backend, Call, Code, ContractChecks, Ended, Error, HostEffects, Instance, Interpreter, Limits, SlotCall,
    Stopped,
};

/// The interpreter, but for one unit of fuel in runs that end with much of it used.
struct Lying;

struct LyingCode(Arc<dyn Code>);

struct LyingInstance(Box<dyn Instance>);

impl Backend for Lying {
    fn name(&self) -> &'static str {
        "lying"
    }

    fn compile(&self, module: &Arc<anrf_format::module::Module>) -> Result<Arc<dyn Code>, Error> {
        Ok(Arc::new(LyingCode(Interpreter.compile(module)?)))
    }
}

impl Code for LyingCode {
    fn module(&self) -> &Arc<anrf_format::module::Module> {
        self.0.module()
    }

    fn instantiate(&self, limits: &Limits, checks: ContractChecks) -> Result<Box<dyn Instance>, Error> {
        Ok(Box::new(LyingInstance(self.0.instantiate(limits, checks)?)))
    }
}

impl Instance for LyingInstance {
    fn call(&mut self, call: &Call<'_>, effects: &mut dyn HostEffects) -> Result<Ended, Error> {
        let ended = self.0.call(call, effects)?;
        Ok(Ended { fuel: ended.fuel + u64::from(ended.fuel > 5), ..ended })
    }

    fn call_slots(
        &mut self,
        call: &SlotCall,
        arguments: &[u64],
        results: &mut [u64],
    ) -> Result<(), Box<Stopped>> {
        self.0.call_slots(call, arguments, results)
    }
}

const SUM: &str = r#"
node_id: sum_v1
type: algorithm
intent: Add up numbers.
inputs: { xs: array<integer> }
outputs: { success: { total: integer } }
flow:
  - { step: done, operation: return, parameters: { total: "SUM(x FOR x IN xs)" } }
"#;

#[test]
fn backends_that_differ_are_told_with_the_run_that_shows_it() {
    let module = Engine::new().load_text("sum.vsp", SUM).unwrap();
    let sum = module.function("sum_v1").unwrap();
    let options = CompareRuns { runs: 300, ..CompareRuns::default() };
    let alike = sum.compare_runs(&Engine::new(), &options).unwrap();
    assert_eq!((alike.runs, alike.divergence), (300, None));
    let lying = Engine::builder().backend(Arc::new(Lying)).build();
    let found = sum.compare_runs(&lying, &options).unwrap().divergence.unwrap();
    assert_eq!(found.aspect, "fuel");
    let [first, second] = found.found.map(|fuel| fuel.parse::<u64>().unwrap());
    assert_eq!(first + 1, second);
    let run = sum.call(found.inputs).unwrap();
    assert_eq!(run.record().fuel, first);
}
