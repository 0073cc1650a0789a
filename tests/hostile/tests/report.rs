//! tmp
#![allow(missing_docs)]
use anrf_hostile_tests::{inputs, load};
#[test]
fn report() {
    let only = std::env::var("ONLY").unwrap_or_default();
    let all = [
        inputs::nesting as fn() -> inputs::Inputs,
        inputs::scalars,
        inputs::characters,
        inputs::definitions,
        inputs::steps,
        inputs::runs,
    ];
    if only == "list" {
        for (group, make) in all.iter().enumerate() {
            for (index, (name, _)) in make().iter().enumerate() {
                eprintln!("{group} {index} {name}");
            }
        }
        return;
    }
    let mut words = only.split(' ');
    let group: usize = words.next().unwrap().parse().unwrap();
    let index: Option<usize> = words.next().map(|w| w.parse().unwrap());
    for (at, (name, bytes)) in all[group]().into_iter().enumerate() {
        if index.is_some_and(|index| index > at) {
            continue;
        }
        eprintln!("@{group} {at} {name}");
        let result = std::panic::catch_unwind(|| load(name, &bytes));
        match result {
            Ok(ending) => {
                let t = format!("{ending:?}");
                eprintln!("   {name} ({}) -> {}", bytes.len(), t.chars().take(240).collect::<String>())
            }
            Err(_) => eprintln!("   {name}: FAILED"),
        }
    }
}
