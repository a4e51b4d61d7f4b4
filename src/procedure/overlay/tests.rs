//! What an overlay may do and may not, as tables that a lawyer can read; and what holds whatever it changes.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use super::tighten::{Compared, Law, Way, compare};
use super::*;
use crate::diagnostic::Source;
use crate::yaml::{Limits, read};
use proptest::prelude::*;

const BASE: &str = "\
procedure: model
edition: model@1
jurisdiction: nl
title: { nl: Model, en: Model }
may:
  shorten: [deadlines.antwoord.within, deadlines.antwoord.extend.by, deadlines.antwoord.extend.times, steps.bellen.within]
  lengthen: [appeals.beroep.within, deadlines.oproep.within]
  narrow: [steps.antwoorden.outcomes.afgewezen.allowed, steps.bellen.when]
  add: [steps, apart, letters, roles, case.properties, steps.antwoorden.after, steps.bellen.who]
  replace: [title, letters.*.template, deadlines.*.warn]
roles: { klager: { party: true }, behandelaar: {}, rechter: {} }
apart: [[behandelaar, rechter]]
case: { who: behandelaar, required: [verhaal], properties: { verhaal: { type: string } } }
deadlines:
  antwoord:
    within: 6 weeks
    met-by: antwoorden
    warn: 1 week
    extend: [{ by: 4 weeks, times: 2, who: behandelaar }, { by: 2 weeks, who: rechter }]
  oproep: { before: zitting.due, within: 10 days, met-by: bellen }
steps:
  bellen: { who: behandelaar }
  zitting: { after: bellen, who: behandelaar }
  antwoorden:
    after: zitting
    who: behandelaar
    outcomes: { gegeven: {}, afgewezen: { allowed: known(data.verhaal) } }
appeals:
  beroep: { against: antwoorden, who: klager, within: 6 weeks, outcomes: {} }
letters:
  bericht: { template: brieven/bericht, to: klager, must-contain: reden }
";

fn node(name: &str, text: &str) -> Node {
    read(&Source::new(name, text), &Limits::default()).unwrap()
}

fn built(own: &str) -> Effective {
    let own = node("own.yaml", &format!("procedure: ons\nbase: model@1\n{own}"));
    effective(&own, &[node("model.yaml", BASE)], Some(&Almanac::shipped()))
}

fn codes(own: &str) -> Vec<&'static str> {
    built(own).refused.iter().map(|finding| finding.code).collect()
}

/// Returns what stands in the text that holds, as JSON.
fn holds(own: &str, pointer: &str) -> String {
    let built = built(own);
    assert_eq!(codes(own), [""; 0], "{own}");
    built.root.at(pointer).map(|node| node.to_json().to_string()).unwrap_or_default()
}

#[test]
fn what_is_marked_may_go_one_way() {
    for (own, expected) in [
        ("deadlines: { antwoord: { within: 4 weeks } }", &[][..]),
        ("deadlines: { antwoord: { within: 8 weeks } }", &["loosens"]),
        ("deadlines: { antwoord: { within: 6 weeks } }", &[]),
        (
            "deadlines: { antwoord: { within: [{ term: 2 weeks, when: x }, { term: 5 weeks }] } }",
            &[],
        ),
        (
            "deadlines: { antwoord: { within: [{ term: 7 weeks, when: x }, { term: 5 weeks }] } }",
            &["loosens"],
        ),
        ("deadlines: { antwoord: { within: data.termijn } }", &["not-comparable"]),
        ("deadlines: { antwoord: { extend: [{ by: 3 weeks }] } }", &[]),
        ("deadlines: { antwoord: { extend: [{}, { by: 3 weeks }] } }", &["loosens"]),
        ("deadlines: { antwoord: { extend: [{ times: 1 }] } }", &[]),
        ("deadlines: { antwoord: { extend: [{ times: 3 }] } }", &["loosens"]),
        // Where nothing is said, it is once.
        ("deadlines: { antwoord: { extend: [{}, { times: 2 }] } }", &["not-marked"]),
        ("deadlines: { antwoord: { extend: [{}, {}, { by: 1 week }] } }", &["not-marked"]),
        ("deadlines: { antwoord: { extend: [{ who: rechter }] } }", &["not-marked"]),
        ("deadlines: { antwoord: { warn: [2 weeks, 3 days] } }", &[]),
        // Counted back from the hearing: more days are more time for whoever is called.
        ("deadlines: { oproep: { within: 2 weeks } }", &[]),
        ("deadlines: { oproep: { within: 1 week } }", &["loosens"]),
        // A step without a term gets one.
        ("steps: { bellen: { within: 3 days } }", &[]),
        ("steps: { zitting: { within: 3 days } }", &["not-marked"]),
        ("appeals: { beroep: { within: 8 weeks } }", &[]),
        ("appeals: { beroep: { within: 4 weeks } }", &["loosens"]),
        ("appeals: { beroep: { within: 40 days } }", &["loosens"]),
        ("title: { nl: Ons }", &[]),
        ("jurisdiction: be", &["not-marked"]),
        ("letters: { bericht: { template: brieven/ons } }", &[]),
        ("letters: { bericht: { must-contain: [] } }", &["not-marked"]),
        ("letters: { bericht: { to: behandelaar } }", &["not-marked"]),
        ("steps: { zitting: { who: [behandelaar, rechter] } }", &["not-marked"]),
        ("apart: [[behandelaar, klager]]", &[]),
        ("case: { required: [verhaal, datum] }", &["not-marked"]),
        ("case: { properties: { wijk: { type: string } } }", &[]),
        ("case: { properties: { verhaal: { maxLength: 5 } } }", &["not-marked"]),
        ("steps: { zitting: }", &["drops"]),
        ("letters: ~", &["drops"]),
        ("deadlines: []", &["wrong-type"]),
        ("in-force: { from: 2026-01-01 }\ntransition: { pending: old }\ndescription: x", &[]),
    ] {
        assert_eq!(codes(own), expected, "{own}");
    }
}

#[test]
fn what_is_added_undoes_nothing() {
    let step =
        |keys: &str| format!("steps: {{ toets: {{ after: bellen, who: behandelaar{keys} }} }}");
    for (keys, expected) in [
        ("", &[][..]),
        (", within: 1 week, decision: true, outcomes: { goed: {}, fout: { owes: bellen } }", &[]),
        (", ends: klaar", &["loosens"]),
        (", outcomes: { fout: { ends: klaar } }", &["loosens"]),
        (", cancels: zitting", &["loosens"]),
        (", cancels: [iets, zitting]", &["loosens"]),
        (", cancels: iets", &[]),
        (", blocks: antwoorden", &["loosens"]),
        (", decision: true, replaces: antwoorden", &["loosens"]),
        (", outcomes: { fout: { then: { return-to: bellen } } }", &["loosens"]),
        (", within: 1 week, lapse: { closes: antwoorden }", &["loosens"]),
        (", within: 1 week, lapse: { deems: antwoorden.afgewezen }", &["loosens"]),
        // A field of a form may be called so.
        (", form: { properties: { ends: { type: string } } }", &[]),
    ] {
        assert_eq!(codes(&step(keys)), expected, "{keys}");
    }
    assert_eq!(codes("steps: { zittting: { title: x } }"), ["not-marked"], "a slip of the pen");
    assert_eq!(codes("steps: { bellen: { cancels: zitting } }"), ["not-marked"]);
}

#[test]
fn lists_grow_and_conditions_must_both_hold() {
    for (own, pointer, expected) in [
        ("", "/procedure", r#""ons""#),
        ("", "/base", ""),
        ("", "/may", ""),
        ("", "/edition", ""),
        ("edition: ons@1", "/edition", r#""ons@1""#),
        (
            "apart: [[behandelaar, klager]]",
            "/apart",
            r#"[["behandelaar","rechter"],["behandelaar","klager"]]"#,
        ),
        ("apart: [[behandelaar, rechter]]", "/apart", r#"[["behandelaar","rechter"]]"#),
        (
            "steps: { bellen: { who: rechter } }",
            "/steps/bellen/who",
            r#"["behandelaar","rechter"]"#,
        ),
        (
            "steps: { antwoorden: { after: toets } }",
            "/steps/antwoorden/after",
            r#"["zitting","toets"]"#,
        ),
        (
            "steps: { antwoorden: { after: { any: [a, b] } } }",
            "/steps/antwoorden/after",
            r#"["zitting",{"any":["a","b"]}]"#,
        ),
        (
            "steps: { antwoorden: { outcomes: { afgewezen: { allowed: x || y } } } }",
            "/steps/antwoorden/outcomes/afgewezen/allowed",
            r#""(known(data.verhaal)) && (x || y)""#,
        ),
        ("steps: { bellen: { when: x } }", "/steps/bellen/when", r#""x""#),
        ("title: { nl: Ons }", "/title", r#"{"nl":"Ons"}"#),
        (
            "deadlines: { antwoord: { extend: [{ by: 1 week }] } }",
            "/deadlines/antwoord/extend/0/times",
            "2",
        ),
        (
            "deadlines: { antwoord: { extend: [{ by: 1 week }] } }",
            "/deadlines/antwoord/extend/1/by",
            r#""2 weeks""#,
        ),
    ] {
        assert_eq!(holds(own, pointer), expected, "{own} at {pointer}");
    }
    let opened = "steps: { antwoorden: { outcomes: { afgewezen: { allowed: 'x) || (true' } } } }";
    assert_eq!(codes(opened), ["guard-syntax"], "what is asked beside it can't undo it");
}

#[test]
fn every_value_keeps_its_place() {
    let root =
        built("deadlines:\n  antwoord: { within: 4 weeks }\nsteps:\n  extra: { who: rechter }\n")
            .root;
    for (pointer, place) in [
        ("/deadlines/antwoord/within", "own.yaml:4:23"),
        ("/deadlines/antwoord/met-by", "model.yaml:17:13"),
        ("/steps/extra/who", "own.yaml:6:17"),
        ("/procedure", "own.yaml:1:12"),
        ("/steps/bellen/who", "model.yaml:22:18"),
    ] {
        assert_eq!(root.at(pointer).unwrap().place.to_string(), place, "{pointer}");
    }
    let entry = root.entry_at("/deadlines/antwoord/within").unwrap();
    assert_eq!(entry.key.place.to_string(), "model.yaml:16:5", "the rule stands in the base");
}

#[test]
fn a_base_under_a_base_passes_on_what_it_may() {
    let middle = |may: &str| {
        let text = format!(
            "procedure: midden\nbase: model@1\nedition: midden@1\nmay: {may}\ndeadlines: {{ antwoord: {{ within: 5 weeks }} }}\n\
             steps: {{ toets: {{ after: bellen, who: behandelaar, within: 2 weeks }} }}\n"
        );
        [node("midden.yaml", &text), node("model.yaml", BASE)]
    };
    let own = |text: &str| node("own.yaml", &format!("procedure: ons\nbase: midden@1\n{text}"));
    let asked = |text: &str, may: &str| -> Vec<&'static str> {
        let built = effective(&own(text), &middle(may), Some(&Almanac::shipped()));
        built.refused.iter().map(|finding| finding.code).collect()
    };
    let four = "deadlines: { antwoord: { within: 4 weeks } }";
    for (text, may, expected) in [
        (four, "{ shorten: [deadlines.antwoord.within] }", &[][..]),
        // Shorter than the law asks, and longer than the one between them.
        (
            "deadlines: { antwoord: { within: 6 weeks } }",
            "{ shorten: [deadlines.antwoord.within] }",
            &["loosens"],
        ),
        (four, "{ add: [steps] }", &["not-marked"]),
        ("steps: { toets: { within: 1 week } }", "{ shorten: [steps.toets.within] }", &[]),
        ("", "{ replace: [deadlines.antwoord.within] }", &["not-marked"]),
        ("", "{ replace: [deadlines] }", &["not-marked"]),
        ("", "{ add: [steps.zitting.who] }", &["not-marked"]),
        ("", "{ add: [case.required] }", &["mark-loosens", "not-marked"]),
        ("title: Ons", "{ replace: [title] }", &[]),
    ] {
        assert_eq!(asked(text, may), expected, "{text} with {may}");
    }
    let built = effective(&own(""), &middle("{ add: [steps] }"), Some(&Almanac::shipped()));
    let within = built.root.at("/deadlines/antwoord/within").map(Node::written);
    assert_eq!((within, built.root.get("edition")), (Some("5 weeks"), None));
}

#[test]
fn what_is_shipped_is_sound_and_called_as_it_says() {
    for base in SHIPPED {
        let root = node(base.name, base.text);
        assert_eq!(edition_of(&root), Some(base.name));
        assert_eq!(base_of(&root), None);
        let found = check(&root);
        assert_eq!(found, [], "{}", base.name);
        let marked = Marks::of(&root);
        assert!(!marked.beside(&path::Path::default()).is_empty());
    }
}

#[test]
fn files_of_a_base_are_named_by_it() {
    let text = "letters: { a: { template: brieven/a } }\nsteps: { b: { form: ./f.json }, c: { form: { $ref: '#/$defs/x' } } }\n";
    let json = with_files_of(&node("base.yaml", text), "x@1").to_json();
    assert_eq!(json["letters"]["a"]["template"], "x@1/brieven/a");
    assert_eq!(json["steps"]["b"]["form"], "x@1/f.json");
    assert_eq!(json["steps"]["c"]["form"]["$ref"], "#/$defs/x");
    assert_eq!(in_base("x@1/brieven/a"), Some(("x@1", "brieven/a")));
    assert_eq!(in_base("brieven/a@b"), None);
}

fn term() -> impl Strategy<Value = String> {
    let unit = prop_oneof!["days", "weeks", "months", "working days", "hours"];
    (1_u32..70, unit).prop_map(|(amount, unit)| format!("{amount} {unit}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// Whatever an overlay writes where a term may get shorter: what is not refused never ends later than by the base, on
    /// days outside the years that were tried as well; and an appeal never gets less time.
    #[test]
    fn what_holds_binds_no_less_than_the_base(within in term(), by in term(), times in 1_u8..5, appeal in term()) {
        let own = format!(
            "deadlines: {{ antwoord: {{ within: {within}, extend: [{{ by: {by}, times: {times} }}] }} }}\n\
             appeals: {{ beroep: {{ within: {appeal} }} }}"
        );
        let base = node("model.yaml", BASE);
        let built = built(&own);
        let refused = |pointer: &str| {
            let place = &built.root.at(pointer).unwrap().place;
            built.refused.iter().any(|finding| finding.place == *place)
        };
        let law = Law::of(&base, None, &Almanac::shipped());
        for (pointer, way) in [
            ("/deadlines/antwoord/within", Way::Sooner),
            ("/deadlines/antwoord/extend/0/by", Way::Sooner),
            ("/appeals/beroep/within", Way::Later),
        ] {
            let read = |root: &Node| root.at(pointer).unwrap().written().parse().unwrap();
            let (known, now) = (read(&base), read(&built.root));
            if !refused(pointer) {
                prop_assert_eq!(compare(known, now, way, &law), Compared::Within);
                for day in ["1998-12-20", "2008-02-27", "2017-04-10", "2052-12-23", "2055-05-01"] {
                    let from = crate::time::parse_date(day).unwrap();
                    let (known, now) = (law.end(known, from).unwrap(), law.end(now, from).unwrap());
                    let within = if way == Way::Sooner { now <= known } else { now >= known };
                    prop_assert!(within, "{pointer} from {day}");
                }
            }
        }
        prop_assert_eq!(refused("/deadlines/antwoord/extend/0/times"), times > 2);
    }
}
