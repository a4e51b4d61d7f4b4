//! Terms that a law, a court or an authority worked out, one by one.

use super::yaml;
use serde_json::{Value, json};
use verloop::time::{Almanac, request};

/// Returns the request that an example makes.
fn asked(example: &Value) -> Value {
    let mut deadline = json!({});
    for key in ["within", "calendar", "counting", "roll"] {
        if let Some(value) = example.get(key) {
            deadline[key] = value.clone();
        }
    }
    if example.get("backwards") == Some(&json!(true)) {
        deadline["before"] = json!(true);
    }
    let mut asked = json!({ "starts": example["starts"], "deadline": deadline });
    for key in ["time-zone", "paused", "extended"] {
        if let Some(value) = example.get(key) {
            asked[key] = value.clone();
        }
    }
    asked
}

#[test]
fn worked_examples_of_the_law_come_out_as_it_says() {
    let examples = yaml("tests/worked-examples/terms.yaml");
    let examples = examples.as_array().expect("a list");
    let almanac = Almanac::shipped();
    let (mut wrong, mut stated) = (Vec::new(), 0);
    for example in examples {
        assert!(!example["source"].as_str().unwrap_or_default().is_empty(), "{example}");
        stated += usize::from(example["applied"] == json!(false));
        let answer = request::answer(&asked(example), &almanac);
        let instant = example.get("instant").is_none_or(|instant| answer["instant"] == *instant);
        if answer["last-day"] != example["last-day"] || !instant {
            wrong.push(format!("{example:#}\n{answer:#}"));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(examples.len() >= 140 && stated >= 50, "{} examples, {stated} stated", examples.len());
}
