//! What guards may say, what they may not, and that neither the text of an author nor the data of a case does harm.

use super::*;
use chrono::NaiveDate;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

struct Weekdays;

impl DayCounter for Weekdays {
    fn working_days_between(&self, from: NaiveDate, to: NaiveDate) -> i64 {
        use chrono::Datelike as _;
        let (first, last) = (from.min(to), from.max(to));
        let weekdays = first.iter_days().skip(1).take_while(|day| *day <= last);
        let count = weekdays.filter(|day| day.weekday().number_from_monday() < 6).count();
        let count = i64::try_from(count).unwrap();
        if from <= to { count } else { -count }
    }
}

fn scope() -> Scope {
    let address =
        Record::new("`adres`").with("plaats", Type::text()).with_optional("straat", Type::text());
    let person = Record::new("a person").with("naam", Type::text());
    let data = Record::new("the case data")
        .with("soort", Type::one_of(["klacht", "bezwaar", "verzoek"]))
        .with("omschrijving", Type::text())
        .with("spoed", Type::Boolean)
        .with("aantal", Type::Integer)
        .with("bedrag", Type::Decimal)
        .with("lijst", Type::list(Type::text()))
        .with("soorten", Type::list(Type::one_of(["a", "b"])))
        .with("personen", Type::list(Type::Record(person)))
        .with("case", Type::Integer)
        .with("beëindigd", Type::Boolean)
        .with("raar", Type::Anything)
        .with_optional("adres", Type::Record(address))
        .with_optional("ja", Type::Boolean)
        .with_optional("datum", Type::Date)
        .with_optional("einde", Type::Date)
        .with_optional("leeftijd", Type::Integer)
        .with_optional("noot", Type::text());
    let talk = Record::new("step `eerste-gesprek`")
        .with("done", Type::Boolean)
        .with_optional("outcome", Type::one_of(["gegrond", "ongegrond"]));
    let steps = Record::new("the steps").with("eerste_gesprek", Type::Record(talk));
    Scope::new()
        .with("data", Type::Record(data), "what was recorded")
        .with("steps", Type::Record(steps), "the steps")
        .with("received", Type::Date, "the day it came in")
        .with("opened", Type::Date, "the day the case was opened")
        .with("today", Type::Date, "today")
        .with("channel", Type::one_of(["brief", "e-mail", "balie"]), "how it came in")
}

fn case() -> Json {
    json!({
        "data": {
            "soort": "klacht", "omschrijving": "Het duurde lang", "spoed": true, "aantal": 5,
            "bedrag": 12.50, "lijst": ["een", "twee"], "soorten": ["a"],
            "personen": [{"naam": "An"}], "case": 7, "beëindigd": false, "raar": {"x": 1},
            "datum": "2025-01-31",
        },
        "steps": {"eerste_gesprek": {"done": false}},
        "received": "2026-02-28", "opened": "2026-03-02", "today": "2026-04-01", "channel": "brief",
    })
}

fn values(json: &Json) -> Values {
    Values::new(&scope(), json, Arc::new(Weekdays))
}

fn compile(source: &str) -> Guard {
    match Guard::compile(source, &scope()) {
        Ok(guard) => guard,
        Err(findings) => panic!("{source}: {findings:?}"),
    }
}

fn answer(source: &str) -> Result<bool, FaultKind> {
    compile(source).holds(&values(&case())).map_err(|fault| fault.kind)
}

/// What is found in a guard: each code with the text that it marks.
fn found(source: &str) -> Vec<(&'static str, String)> {
    let findings = Guard::compile(source, &scope()).err().unwrap_or_default();
    let marked = |finding: Finding| (finding.code, source[finding.range].to_owned());
    findings.into_iter().map(marked).collect()
}

#[test]
fn guards_answer() {
    let table = [
        ("true", true),
        ("!true", false),
        ("data.aantal == 5", true),
        ("data.aantal + 1 > 5 && data.aantal * 2 - 1 == 9", true),
        ("-data.aantal < -4", true),
        ("data.bedrag == 12.5", true),
        ("data.bedrag > 12", true),
        ("data.bedrag + 0.1 == 12.60", true),
        ("data.aantal < 5.5", true),
        ("data.soort == \"klacht\"", true),
        ("data.soort != \"klacht\"", false),
        ("data.soort in [\"bezwaar\", \"klacht\"]", true),
        ("data.soort !in [\"bezwaar\", \"klacht\"]", false),
        ("\"een\" in data.lijst", true),
        ("\"drie\" in data.lijst", false),
        ("data.aantal in [1, 5]", true),
        ("contains(data.omschrijving, \"lang\")", true),
        ("len(data.lijst) == 2", true),
        ("len(data.omschrijving) == 15", true),
        ("is_empty(data.lijst)", false),
        ("data.case == 7", true),
        ("data.beëindigd", false),
        ("known(data.datum)", true),
        ("known(data.noot)", false),
        ("known(data.adres.straat)", false),
        ("known(data.adres)", false),
        ("known(data.lijst[1]) && data.lijst[1] == \"twee\"", true),
        ("known(data.lijst[2]) && data.lijst[2] == \"twee\"", false),
        ("known(data.personen[0].naam) && data.personen[0].naam == \"An\"", true),
        ("known(data.personen[1].naam)", false),
        ("known(data.datum) && days_between(data.datum, received) > 365", true),
        ("known(data.datum) && days_between(data.datum, received) == 393", true),
        ("known(data.datum) && months_between(data.datum, received) == 13", true),
        ("months_between(date(\"2026-03-31\"), date(\"2026-02-28\")) == -1", true),
        ("months_between(date(\"2026-01-31\"), date(\"2026-02-27\")) == 0", true),
        ("months_between(received, received) == 0", true),
        ("working_days_between(received, opened) == 1", true),
        ("working_days_between(date(\"2026-04-01\"), date(\"2026-03-25\")) == -5", true),
        ("received < opened && opened <= today && today != received", true),
        ("received == date(\"2026-02-28\")", true),
        ("!steps.eerste_gesprek.done", true),
        ("channel == \"brief\" || channel == \"e-mail\"", true),
        ("(data.spoed)", true),
        ("data.spoed == (data.aantal > 3)", true),
        ("data.omschrijving == \"a\\\"b\\\\c\\n€$`${x}\"", false),
        ("data\n  .spoed\n  && true", true),
    ];
    for (source, expected) in table {
        assert_eq!(answer(source), Ok(expected), "{source}");
    }
}

#[test]
fn findings_name_the_rule_and_the_place() {
    let table: &[(&str, &[(&str, &str)])] = &[
        // Syntax.
        ("", &[("guard-syntax", "")]),
        ("  ", &[("guard-syntax", "  ")]),
        ("data.spoed and data.aantal > 3", &[("guard-syntax", "and")]),
        ("data.spoed or not data.spoed", &[("guard-syntax", "or"), ("guard-syntax", "not")]),
        ("niet data.spoed of data.spoed", &[("guard-syntax", "niet"), ("guard-syntax", "of")]),
        ("data.aantal is 5", &[("guard-syntax", "is")]),
        ("data.aantal is not 5", &[("guard-syntax", "is not")]),
        ("data.soort not in [\"klacht\"]", &[("guard-syntax", "not in")]),
        ("data.aantal = 5", &[("guard-syntax", "=")]),
        ("data.aantal <> 5", &[("guard-syntax", "<>")]),
        ("data.aantal => 5", &[("guard-syntax", "=>")]),
        ("data.spoed & data.spoed", &[("guard-syntax", "&")]),
        ("data.soort == 'klacht'", &[("guard-syntax", "'klacht'")]),
        ("data.soort == “klacht”", &[("guard-syntax", "“klacht”")]),
        ("data.soort == \"klacht", &[("guard-syntax", "\"klacht")]),
        ("data.soort == \"kla\\qcht\"", &[("guard-syntax", "\\q")]),
        ("data.aantal == 5x", &[("guard-syntax", "5x")]),
        ("data.aantal == 99999999999999999999", &[("guard-syntax", "99999999999999999999")]),
        ("(data.spoed", &[("guard-syntax", "(")]),
        ("data.spoed)", &[("guard-syntax", ")")]),
        ("(data.spoed]", &[("guard-syntax", "]")]),
        ("data.spoed &&", &[("guard-syntax", "&&")]),
        ("data.spoed data.spoed", &[("guard-syntax", "data")]),
        ("data. ", &[("guard-syntax", ".")]),
        ("data.spoed \u{1b}[31m", &[("guard-syntax", "\u{1b}")]),
        // Names, fields, functions, values.
        ("dta.spoed", &[("guard-unknown-name", "dta")]),
        ("today > yesterday", &[("guard-unknown-name", "yesterday")]),
        ("data.spoedd", &[("guard-unknown-field", "spoedd")]),
        (
            "data.spoedd && data.aantall > 3",
            &[("guard-unknown-field", "spoedd"), ("guard-unknown-field", "aantall")],
        ),
        ("steps.eerste-gesprek.done", &[("guard-unknown-name", "eerste-gesprek")]),
        ("data.aantal.x == 1", &[("guard-unknown-field", "x")]),
        ("data.lijst.length == 1", &[("guard-unknown-field", "length")]),
        ("days_betwen(received, today) > 1", &[("guard-unknown-function", "days_betwen")]),
        ("today() > received", &[("guard-unknown-function", "today")]),
        ("data.soort == \"klagt\"", &[("guard-unknown-value", "\"klagt\"")]),
        ("\"klagt\" != data.soort", &[("guard-unknown-value", "\"klagt\"")]),
        ("data.soort in [\"klacht\", \"bezwar\"]", &[("guard-unknown-value", "\"bezwar\"")]),
        ("\"c\" in data.soorten", &[("guard-unknown-value", "\"c\"")]),
        // Types.
        ("data.aantal", &[("guard-not-boolean", "data.aantal")]),
        ("data.aantal && data.spoed", &[("guard-not-boolean", "data.aantal")]),
        ("5 && data.spoed", &[("guard-not-boolean", "5")]),
        ("data.spoed || data.lijst", &[("guard-not-boolean", "data.lijst")]),
        ("!data.soort", &[("guard-not-boolean", "data.soort")]),
        ("data", &[("guard-not-boolean", "data")]),
        ("data.aantal > \"5\"", &[("guard-type-mismatch", "data.aantal > \"5\"")]),
        ("data.aantal == \"vijf\"", &[("guard-type-mismatch", "data.aantal == \"vijf\"")]),
        ("received > \"2026-01-01\"", &[("guard-type-mismatch", "received > \"2026-01-01\"")]),
        ("received == 5", &[("guard-type-mismatch", "received == 5")]),
        ("data.spoed == 1", &[("guard-type-mismatch", "data.spoed == 1")]),
        ("1 < data.aantal < 3", &[("guard-type-mismatch", "1 < data.aantal < 3")]),
        ("data.soort < \"klacht\"", &[("guard-type-mismatch", "data.soort < \"klacht\"")]),
        ("data.lijst == [\"a\"]", &[("guard-type-mismatch", "data.lijst == [\"a\"]")]),
        ("today - 5 > received", &[("guard-type-mismatch", "today - 5")]),
        ("data.aantal in [1, \"a\"]", &[("guard-type-mismatch", "\"a\"")]),
        ("5 in data.lijst", &[("guard-type-mismatch", "5 in data.lijst")]),
        ("\"a\" in data.omschrijving", &[("guard-type-mismatch", "\"a\" in data.omschrijving")]),
        ("data.aantal[0] == 1", &[("guard-type-mismatch", "0")]),
        // Arguments.
        ("days_between(received) > 1", &[("guard-wrong-argument", "days_between(received)")]),
        ("working_days_between() > 1", &[("guard-wrong-argument", "working_days_between()")]),
        ("days_between(\"2026-01-01\", today) > 1", &[("guard-wrong-argument", "\"2026-01-01\"")]),
        ("working_days_between(received, 5) > 1", &[("guard-wrong-argument", "5")]),
        ("known(5)", &[("guard-wrong-argument", "5")]),
        ("known(data.aantal > 5)", &[("guard-wrong-argument", "data.aantal > 5")]),
        ("today == date(\"2026-02-30\")", &[("guard-wrong-argument", "\"2026-02-30\"")]),
        ("today == date(data.soort)", &[("guard-wrong-argument", "data.soort")]),
        ("contains(data.lijst, \"a\")", &[("guard-wrong-argument", "data.lijst")]),
        ("len(5) == 1", &[("guard-wrong-argument", "5")]),
        // Not in a guard.
        ("data.aantal / 2 > 1", &[("guard-not-supported", "/")]),
        ("if data.spoed { true } else { false }", &[("guard-not-supported", "if")]),
        ("data.lijst.len() == 2", &[("guard-not-supported", "len")]),
        ("data.lijst[\"a\"] == \"b\"", &[("guard-not-supported", "[\"a\"]")]),
        ("data.lijst[-1] == \"b\"", &[("guard-not-supported", "[-1]")]),
        ("(data).spoed", &[("guard-not-supported", ".")]),
        ("data.noot == ()", &[("guard-not-supported", "()")]),
        ("data.noot ?? \"x\" == \"x\"", &[("guard-not-supported", "??")]),
        ("data.spoed // zie Awb", &[("guard-not-supported", "//")]),
    ];
    for (source, expected) in table {
        let expected: Vec<_> =
            expected.iter().map(|(code, text)| (*code, (*text).to_owned())).collect();
        assert_eq!(found(source), expected, "{source}");
    }
}

#[test]
fn suggestions_are_right() {
    let table = [
        ("data.spoed and data.beëindigd", "data.spoed && data.beëindigd"),
        ("data.aantal is not 5", "data.aantal != 5"),
        ("data.aantal = 5", "data.aantal == 5"),
        ("data.soort == 'klacht'", "data.soort == \"klacht\""),
        ("data.soort == \"Klagt\"", "data.soort == \"klacht\""),
        ("data.spoedd", "data.spoed"),
        ("dta.spoed", "data.spoed"),
        ("day_between(received, today) > 3", "days_between(received, today) > 3"),
        ("received > \"2026-01-01\"", "received > date(\"2026-01-01\")"),
        (
            "days_between(\"2026-01-01\", today) > 1",
            "days_between(date(\"2026-01-01\"), today) > 1",
        ),
        ("data.aantal > \"5\"", "data.aantal > 5"),
        ("data.omschrijving == 5", "data.omschrijving == \"5\""),
        ("data.lijst.len() == 2", "len(data.lijst) == 2"),
        ("steps.eerste-gesprek.done", "steps.eerste_gesprek.done"),
        ("\"a\" in data.omschrijving", "contains(data.omschrijving, \"a\")"),
        ("\"a\" !in data.omschrijving", "!contains(data.omschrijving, \"a\")"),
    ];
    for (source, right) in table {
        let findings = Guard::compile(source, &scope()).unwrap_err();
        let (range, instead) = findings[0].suggestion.clone().expect(source);
        let mut mended = source.to_owned();
        mended.replace_range(range, &instead);
        assert_eq!(mended, right);
        compile(&mended);
    }
}

#[test]
fn what_may_be_absent_is_asked_first() {
    let allowed = [
        "known(data.datum) && data.datum > received",
        "!known(data.datum) || data.datum > received",
        "!(!known(data.datum)) && data.datum > received",
        "!(!known(data.datum) || data.datum > received) && data.datum == today",
        "known(data.datum) && known(data.einde) && data.datum < data.einde",
        "(known(data.datum) && known(data.einde)) && data.datum < data.einde",
        "!known(data.datum) || !known(data.einde) || data.datum < data.einde",
        "!(known(data.datum) && known(data.einde)) || data.datum < data.einde",
        "(known(data.datum) || known(data.einde)) && data.spoed",
        "known(data.datum) && (data.spoed || data.datum > received)",
        "known(data.adres) && data.adres.plaats == \"Assen\"",
        "known(data.adres.straat) && data.adres.plaats == \"Assen\"",
        "known(data.adres.straat) && data.adres.straat == \"Brink\"",
        "known(data.ja) && data.ja",
        "known(data.datum) && days_between(data.datum, received) > 365 || data.spoed",
        "known(data.datum) && data.spoed || known(data.datum) && data.datum == today",
        "(known(data.datum) && data.spoed || known(data.datum)) && data.datum == today",
        "known(data.lijst[0]) && data.lijst[0] == \"a\"",
        "known(steps.eerste_gesprek.outcome) && steps.eerste_gesprek.outcome == \"gegrond\"",
    ];
    for source in allowed {
        assert_eq!(found(source), [], "{source}");
        for (_, json) in cases() {
            assert!(compile(source).holds(&values(&json)).is_ok(), "{source}");
        }
    }
    let refused = [
        ("data.datum > received", "data.datum"),
        ("known(data.datum) || data.datum > received", "data.datum"),
        ("!known(data.datum) && data.datum > received", "data.datum"),
        ("data.datum > received && known(data.datum)", "data.datum"),
        ("known(data.einde) && data.datum > received", "data.datum"),
        ("(known(data.datum) || data.spoed) && data.datum == today", "data.datum"),
        (
            "!(known(data.datum) && data.spoed) || known(data.einde) && data.einde == today && data.noot == \"x\"",
            "data.noot",
        ),
        ("(!known(data.datum) && data.spoed) || data.datum == today", "data.datum"),
        ("known(data.datum) == false || data.datum == today", "data.datum"),
        ("known(data.adres) && data.adres.straat == \"Brink\"", "data.adres.straat"),
        ("data.adres.plaats == \"Assen\"", "data.adres.plaats"),
        ("data.ja", "data.ja"),
        ("data.lijst[0] == \"a\"", "data.lijst[0]"),
        ("known(data.lijst[0]) && data.lijst[1] == \"a\"", "data.lijst[1]"),
    ];
    for (source, marked) in refused {
        assert_eq!(found(source), [("guard-may-be-absent", marked.to_owned())], "{source}");
    }
}

#[test]
fn one_place_of_a_guard_can_hold_all_findings() {
    let source = "dta.x == 1 && data.soort == 5 and data.spoedd";
    let codes: Vec<_> = found(source).into_iter().map(|(code, _)| code).collect();
    assert_eq!(
        codes,
        ["guard-unknown-name", "guard-type-mismatch", "guard-syntax", "guard-unknown-field"]
    );
}

#[test]
fn length_and_depth_are_limited() {
    let long = format!("data.spoed{}", " ".repeat(3000));
    assert_eq!(Guard::compile(&long, &scope()).unwrap_err()[0].code, "guard-too-long");
    let wide = vec!["data.spoed"; 100].join(" && ");
    assert_eq!(found(&wide)[0].0, "guard-too-deep");
    let usual = vec!["data.aantal > 3"; 25].join(" && ");
    assert!(Guard::compile(&usual, &scope()).is_ok());
    for open in ["(", "!", "[", "len(", "-", "data.lijst[", "known("] {
        let deep = open.repeat(2048 / open.len());
        assert!(Guard::compile(&deep, &scope()).is_err(), "{open}");
    }
    for (open, close) in [("(", ")"), ("!(", ")"), ("[", "]"), ("len(", ")"), ("is_empty([", "])")]
    {
        let deep = format!("{}true{}", open.repeat(200), close.repeat(200));
        assert!(Guard::compile(&deep, &scope()).is_err(), "{open}");
    }
}

#[test]
fn the_deepest_guard_fits_a_thread_of_2_mib() {
    let run = || {
        let mut deepest = 0;
        for depth in 1..60 {
            let source = format!("{}data.spoed{}", "!(".repeat(depth), ")".repeat(depth));
            if let Ok(guard) = Guard::compile(&source, &scope()) {
                assert!(guard.holds(&values(&case())).is_ok());
                deepest = depth;
            }
            let calls = format!("{}data.lijst{} == 1", "len([".repeat(depth), "])".repeat(depth));
            if let Ok(guard) = Guard::compile(&calls, &scope()) {
                assert!(guard.holds(&values(&case())).is_ok());
            }
        }
        deepest
    };
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(run).unwrap();
    assert!(thread.join().unwrap() >= 8);
}

/// What attackers tried on Rhai: nothing of it may compile.
const ATTACKS: &[&str] = &[
    "sleep(30)",
    "sleep(3600) == ()",
    "timestamp()",
    "timestamp().elapsed > 1",
    "loop { }",
    "while true { }",
    "while true { } true",
    "do { } while true",
    "for i in 0..1000000000 { } true",
    "for x in data.lijst { x }",
    "let x = 1; x == 1",
    "let x = []; loop { x.push(1) }",
    "const X = 1",
    "fn f() { f() } f()",
    "|x| x",
    "data.lijst.map(|x| x)",
    "data.lijst.filter(|x| { while true {} })",
    "[1, 2].some(|x| x > 1)",
    "switch 1 { 1 => true }",
    "if true { true }",
    "eval(\"40 + 2\") == 42",
    "eval(\"while true {}\")",
    "import \"x\" as y",
    "export data",
    "Fn(\"print\").call()",
    "call(Fn(\"eval\"), \"1\")",
    "curry(1)",
    "print(\"x\")",
    "print(data.omschrijving) == ()",
    "debug(data)",
    "throw data.omschrijving",
    "throw \"x\"",
    "return true",
    "return",
    "break",
    "try { true } catch { false }",
    "this",
    "this.data",
    "global::x",
    "data::spoed",
    "data = 1",
    "data.spoed = false",
    "data.aantal += 1",
    "data.lijst[0] = \"x\"",
    "data.lijst.push(\"x\")",
    "data.lijst.clear()",
    "\"a\".pad(1000000, \"b\")",
    "\"a\" + \"b\" == \"ab\"",
    "\"abc\"[0] == 'a'",
    "\"abc\"[0..1] == \"a\"",
    "`${data.omschrijving}` == \"x\"",
    "\"a\" * 5 == \"x\"",
    "1 << 100 == 0",
    "1 >> -1 == 2",
    "2 ** 100 > 1",
    "5 % 0 == 0",
    "1 / 0 == 0",
    "5 & 3 == 1",
    "5 | 3 == 7",
    "5 ^ 3 == 6",
    "~5 == 1",
    "0..10",
    "5 in 0..10",
    "5 in 0..=10",
    "#{a: 1}.a == 1",
    "#{}",
    "blob(1000000)",
    "parse_json(\"{}\")",
    "parse_float(\"1e999\") > 1",
    "parse_int(\"5\") == 5",
    "type_of(data) == \"map\"",
    "is_def_var(\"data\")",
    "is_def_fn(\"x\", 1)",
    "is_shared(data)",
    "data.to_string() == \"x\"",
    "to_json(data) == \"x\"",
    "data.keys() == []",
    "tag(data)",
    "set_tag(data, 1)",
    "rand() > 1",
    "exit(1)",
    "calendar",
    "calendar.x",
    "n_data.n_spoed",
    "working_days_between(calendar, received, today) > 1",
    "get$spoed(data)",
    "data?.spoed",
    "data?[0]",
    "data[\"spoed\"]",
    "data.lijst[data.aantal] == \"x\"",
    "(data)[\"spoed\"]",
    "[data][0].spoed",
    "data.(spoed)",
    "{ true }",
    "true; true",
    "true;",
    "async { true }",
    "true /* x */",
    "5 == 5.0 == true == 1",
    "0x10 == 16",
    "1_000 == 1000",
    "1e9 > 1",
    "'a' == 'a' && 'ab' in \"abc\"",
    "\u{feff}true",
    "true\u{0}",
];

#[test]
fn no_attack_compiles() {
    for source in ATTACKS {
        let findings = found(source);
        assert!(!findings.is_empty(), "{source} compiles");
    }
    let wide = format!("switch 1 {{ {} }}", "1 => 2, ".repeat(200));
    assert!(!found(&wide).is_empty());
    let arguments = format!("len({}1)", "1,".repeat(900));
    assert_eq!(found(&arguments)[0].0, "guard-wrong-argument");
}

/// A function that is added here is one more that every author can call: think of clocks, loops and growing values.
#[test]
fn a_guard_reaches_these_functions_and_no_others() {
    let expected = [
        "!/1",
        "!=/2",
        "*/2",
        "+/2",
        "-/1",
        "-/2",
        "</2",
        "<=/2",
        "==/2",
        ">/2",
        ">=/2",
        "contains/2",
        "date/1",
        "days_between/2",
        "index$get$/2",
        "index$get$/2",
        "index$get$/2",
        "index$get$/2",
        "index$get$/2",
        "index$get$/2",
        "is_empty/1",
        "known/1",
        "len/1",
        "months_between/2",
        "working_days_between/3",
    ];
    assert_eq!(engine::listing::functions(), expected);
    for name in functions::names() {
        let start = format!("{name}/");
        assert!(expected.iter().any(|known| known.starts_with(&start)), "{name}");
    }
}

#[test]
fn rhais_own_operators_never_answer() {
    let engine = engine::engine();
    let attempts = [
        "5 > \"3\"",
        "5 == \"5\"",
        "!(5 > \"3\")",
        "1 < 2 < 3",
        "\"a\" == 1",
        "true == 1",
        "() == 1",
        "() == ()",
        "'a' == 'a'",
        "[] == []",
        "1 << 2",
        "1 >> 2",
        "5 / 0",
        "5 % 2",
        "2 ** 3",
        "5 & 3",
        "\"a\" + \"b\"",
        "\"a\" < \"b\"",
        "true & false",
        "5 in \"5\"",
        "1..2",
        "\"abc\"[0] == 1",
        "sleep(1)",
        "print(1)",
        "timestamp()",
        "type_of(1)",
        "eval(\"1\")",
        "parse_int(\"1\")",
    ];
    for attempt in attempts {
        let answer = engine.eval_expression::<rhai::Dynamic>(attempt);
        assert!(answer.is_err(), "{attempt}: {answer:?}");
    }
}

#[test]
fn values_that_break_the_scope_are_faults() {
    let without = |path: &[&str], value: Json| {
        let mut json = case();
        let last = path.iter().fold(&mut json, |json, key| &mut json[*key]);
        *last = value;
        json
    };
    let table = [
        ("data.aantal > 3", without(&["data", "aantal"], Json::Null), FaultKind::Absent),
        ("data.aantal > 3", without(&["data", "aantal"], json!("5")), FaultKind::WrongType),
        ("data.aantal > 3", without(&["data", "aantal"], json!(5.5)), FaultKind::WrongType),
        ("data.aantal != 3", without(&["data", "aantal"], json!([])), FaultKind::WrongType),
        ("data.spoed && true", without(&["data", "spoed"], Json::Null), FaultKind::Absent),
        ("data.spoed", without(&["data", "spoed"], Json::Null), FaultKind::Absent),
        ("!data.spoed", without(&["data", "spoed"], Json::Null), FaultKind::Absent),
        ("data.spoed || true", without(&["data", "spoed"], json!("ja")), FaultKind::WrongType),
        ("data.spoed", without(&["data", "spoed"], json!(1)), FaultKind::WrongType),
        ("received < today", without(&["received"], json!("28-02-2026")), FaultKind::WrongType),
        ("received < today", without(&["received"], json!("2026-02-30")), FaultKind::WrongType),
        ("\"a\" in data.lijst", without(&["data", "lijst"], Json::Null), FaultKind::Absent),
        ("\"a\" in data.lijst", without(&["data", "lijst"], json!([1])), FaultKind::WrongType),
        ("\"a\" in data.lijst", without(&["data", "lijst"], json!([null])), FaultKind::Absent),
        ("data.soort in [\"klacht\"]", without(&["data", "soort"], Json::Null), FaultKind::Absent),
        (
            "data.soort in data.lijst",
            {
                let mut json = without(&["data", "lijst"], json!([]));
                json["data"]["soort"] = Json::Null;
                json
            },
            FaultKind::Absent,
        ),
        ("len(data.lijst) > 1", without(&["data"], Json::Null), FaultKind::Absent),
        ("data.spoed", json!({}), FaultKind::Absent),
        ("data.spoed", json!({"data": 5}), FaultKind::WrongType),
        ("data.aantal + 1 > 1", without(&["data", "aantal"], json!(i64::MAX)), FaultKind::Overflow),
        ("data.raar", case(), FaultKind::NotBoolean),
        ("data.raar && true", case(), FaultKind::NotBoolean),
        ("data.raar == \"x\"", case(), FaultKind::Mismatch),
        ("data.raar.x > received", case(), FaultKind::Mismatch),
        ("data.raar.y > 5", case(), FaultKind::UnknownName),
        ("data.aantal == data.raar.x.z", case(), FaultKind::Mismatch),
    ];
    for (source, json, expected) in table {
        let fault = compile(source).holds(&values(&json)).expect_err(source);
        assert_eq!(fault.kind, expected, "{source}");
    }
    // A whole number may be written with a fraction of zero, and a wrong value that no guard reads does no harm.
    let json = without(&["data", "aantal"], json!(5.0));
    assert_eq!(compile("data.aantal == 5").holds(&values(&json)), Ok(true));
    let json = without(&["received"], json!("gisteren"));
    assert_eq!(compile("data.spoed").holds(&values(&json)), Ok(true));
    let json = without(&["data", "omschrijving"], json!("x".repeat(100_000)));
    assert_eq!(compile("contains(data.omschrijving, \"xx\")").holds(&values(&json)), Ok(true));
}

#[test]
fn a_fault_has_a_place_and_no_value() {
    let mut json = case();
    json["data"]["omschrijving"] = json!(["geheim"]);
    let guard = compile("data.spoed &&\n  data.omschrijving == \"x\"");
    let fault = guard.holds(&values(&json)).unwrap_err();
    assert_eq!((fault.line, fault.column), (2, 21));
    let wording = fault.to_string();
    assert_eq!(
        wording,
        "the guard failed at line 2, column 21: a value is not of the declared type"
    );
    assert!(!format!("{:?}", values(&json)).contains("geheim"));
}

#[test]
fn a_guard_tells_what_it_reads() {
    let guard = compile("known(data.noot) && data.noot == \"x\" || data.lijst[0] in data.lijst && data.bedrag > 1 && known(data.adres.straat) && received < today"
        .replace("data.lijst[0] in", "\"een\" in").as_str());
    assert_eq!(
        guard.reads(),
        ["data.noot", "data.lijst", "data.bedrag", "data.adres.straat", "received", "today",]
    );
    let words: Vec<String> =
        guard.explain(&values(&case())).into_iter().map(|(_, words)| words).collect();
    assert_eq!(
        words,
        ["absent", "[\"een\", \"twee\"]", "12.5", "absent", "2026-02-28", "2026-04-01",]
    );
    let guard = compile("known(data.personen[0].naam) && data.beëindigd && data.spoed");
    let explained = guard.explain(&values(&case()));
    assert_eq!(explained[0], ("data.personen[0].naam".to_owned(), "\"An\"".to_owned()));
    assert_eq!(explained[1], ("data.beëindigd".to_owned(), "false".to_owned()));
}

#[test]
fn guards_go_between_threads() {
    fn check<T: Send + Sync + Clone + 'static>() {}
    check::<Guard>();
    check::<Values>();
}

/// Cases that match the scope, with and without what may be absent.
fn cases() -> Vec<(&'static str, Json)> {
    let full = {
        let mut json = case();
        json["data"]["adres"] = json!({"plaats": "Assen", "straat": "Brink"});
        json["data"]["einde"] = json!("2026-12-31");
        json["data"]["ja"] = json!(true);
        json["data"]["leeftijd"] = json!(81);
        json["data"]["noot"] = json!("é\u{1b}");
        json["steps"]["eerste_gesprek"] = json!({"done": true, "outcome": "gegrond"});
        json
    };
    let bare = {
        let mut json = case();
        json["data"].as_object_mut().unwrap().remove("datum");
        json["data"]["lijst"] = json!([]);
        json["data"]["soorten"] = json!([]);
        json["data"]["personen"] = json!([]);
        json["data"]["spoed"] = json!(false);
        json
    };
    let half = {
        let mut json = case();
        json["data"]["adres"] = json!({"plaats": "Assen"});
        json["data"]["einde"] = json!("2024-02-29");
        json
    };
    vec![("usual", case()), ("full", full), ("bare", bare), ("half", half)]
}

/// Expressions from a small grammar, most of them right, so that enough of them pass the check.
fn conditions() -> impl Strategy<Value = String> {
    let numbers = prop::sample::select(vec![
        "data.aantal",
        "data.bedrag",
        "data.leeftijd",
        "5",
        "-3",
        "2.5",
        "len(data.lijst)",
        "days_between(received, today)",
        "months_between(data.datum, opened)",
        "working_days_between(data.datum, data.einde)",
        "(data.aantal + 2)",
        "data.aantal * 3",
        "-data.bedrag",
        "data.case",
        "len(data.noot)",
    ]);
    let texts = prop::sample::select(vec![
        "data.soort",
        "data.omschrijving",
        "data.noot",
        "\"klacht\"",
        "\"x\\\"é\"",
        "channel",
        "data.lijst[0]",
        "data.personen[0].naam",
        "data.adres.straat",
        "data.adres.plaats",
        "steps.eerste_gesprek.outcome",
        "\"gegrond\"",
    ]);
    let dates = prop::sample::select(vec![
        "received",
        "today",
        "opened",
        "data.datum",
        "data.einde",
        "date(\"2024-02-29\")",
    ]);
    let paths = prop::sample::select(vec![
        "data.datum",
        "data.einde",
        "data.noot",
        "data.leeftijd",
        "data.adres",
        "data.adres.straat",
        "data.lijst[0]",
        "data.personen[0].naam",
        "data.personen[0]",
        "steps.eerste_gesprek.outcome",
        "data.ja",
        "data",
    ]);
    let orders = prop::sample::select(vec!["<", "<=", "==", "!=", ">", ">="]);
    let equals = prop::sample::select(vec!["==", "!="]);
    let leaf = prop_oneof![
        (numbers.clone(), orders.clone(), numbers).prop_map(|(a, op, b)| format!("{a} {op} {b}")),
        (dates.clone(), orders, dates).prop_map(|(a, op, b)| format!("{a} {op} {b}")),
        (texts.clone(), equals, texts.clone()).prop_map(|(a, op, b)| format!("{a} {op} {b}")),
        texts.clone().prop_map(|text| format!("{text} in data.lijst")),
        texts.clone().prop_map(|text| format!("{text} !in [\"klacht\", data.noot]")),
        (texts.clone(), texts).prop_map(|(a, b)| format!("contains({a}, {b})")),
        paths.clone().prop_map(|path| format!("known({path})")),
        paths.clone().prop_map(|path| format!("!known({path})")),
        paths.prop_map(|path| format!("known({path}) && is_empty(data.lijst)")),
        Just("data.spoed".to_owned()),
        Just("data.ja".to_owned()),
        Just("steps.eerste_gesprek.done".to_owned()),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(|parts| parts.join(" && ")),
            prop::collection::vec(inner.clone(), 2..4).prop_map(|parts| parts.join(" || ")),
            inner.clone().prop_map(|part| format!("!({part})")),
            inner.clone().prop_map(|part| format!("({part})")),
            // What makes narrowing matter: the question and the read under it.
            (inner.clone(), inner).prop_map(|(a, b)| format!(
                "known(data.datum) && known(data.einde) && known(data.noot) && known(data.leeftijd) \
                 && known(data.adres.straat) && known(data.ja) && known(data.lijst[0]) && ({a} || {b})"
            )),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_it_panic(source in "\\PC{0,60}|[ -~\n\t]{0,80}|(?s).{0,40}") {
        for finding in Guard::compile(&source, &scope()).err().unwrap_or_default() {
            prop_assert!(source.get(finding.range).is_some());
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        let _ = Guard::compile(&String::from_utf8_lossy(&bytes), &scope());
    }

    #[test]
    fn no_soup_of_tokens_makes_it_panic(words in prop::collection::vec(prop::sample::select(vec![
        "data", ".", "soort", "lijst", "[", "0", "]", "(", ")", "&&", "||", "!", "!in", "in", "==", "<",
        "-", "+", "*", "5", "2.5", "\"x\"", "known", "date", "\"2026-01-01\"", ",", "true", "received",
        "len", "is", "not", "and", "if", "{", "}", "=", "data.spoed", "working_days_between", "()", "datum",
        "adres", "straat", "contains", "..", "'", "known(data.datum)", "\n", "eerste-gesprek", "\"", "é",
    ]), 0..24), glue in prop::sample::select(vec!["", " "])) {
        let source = words.join(glue);
        match Guard::compile(&source, &scope()) {
            Ok(guard) => for (_, json) in cases() {
                let answer = guard.holds(&values(&json));
                prop_assert!(answer.is_ok(), "{source}: {answer:?}");
            },
            Err(findings) => {
                prop_assert!(!findings.is_empty());
                for finding in findings {
                    prop_assert!(source.get(finding.range).is_some());
                    if let Some((range, _)) = finding.suggestion {
                        prop_assert!(source.get(range).is_some());
                    }
                }
            }
        }
    }

    #[test]
    fn what_passes_the_check_never_fails_on_fitting_values(source in conditions()) {
        if let Ok(guard) = Guard::compile(&source, &scope()) {
            for (name, json) in cases() {
                let answer = guard.holds(&values(&json));
                prop_assert!(answer.is_ok(), "{source} fails on the {name} case: {answer:?}");
                guard.explain(&values(&json));
            }
        }
    }
}

#[test]
fn the_grammar_yields_enough_that_passes() {
    use proptest::strategy::ValueTree as _;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let passed = (0..300).filter(|_| {
        let source = conditions().new_tree(&mut runner).unwrap().current();
        Guard::compile(&source, &scope()).is_ok()
    });
    assert!(passed.count() > 60);
}

fn with_a_function() -> Scope {
    let data = Record::new("the case data")
        .with("bedrag", Type::Integer)
        .with("soort", Type::text())
        .with_optional("dag", Type::Date);
    let scope = Scope::new().with("data", Type::Record(data), "what was recorded").with(
        "received",
        Type::Date,
        "the day of receipt",
    );
    let of = |is: &str, with: &[(&str, Type)], scope: &Scope| {
        let with = with.iter().map(|(name, ty)| ((*name).to_owned(), ty.clone())).collect();
        Helper::compile(is, with, Type::Boolean, scope).expect("the function is right")
    };
    let old = of("months_between(dag, received) >= 12", &[("dag", Type::Date)], &scope);
    let scope = scope.with_function("verjaard", old);
    let both = of(
        "verjaard(dag) && bedrag - 1 > data.bedrag * 2",
        &[("dag", Type::Date), ("bedrag", Type::Integer)],
        &scope,
    );
    scope.with_function("oud_en_groot", both)
}

#[test]
fn a_function_of_ones_own_stands_for_its_expression() {
    let scope = with_a_function();
    let holds = |guard: &str, json: serde_json::Value| {
        let guard = Guard::compile(guard, &scope).unwrap_or_else(|found| panic!("{found:?}"));
        guard.holds(&Values::new(&scope, &json, std::sync::Arc::new(Weekdays)))
    };
    let seen = |dag: &str, bedrag: i64| serde_json::json!({ "data": { "bedrag": bedrag, "soort": "x", "dag": dag }, "received": "2026-03-02" });
    let guard = "known(data.dag) && verjaard(data.dag)";
    assert_eq!(holds(guard, seen("2025-03-02", 0)), Ok(true));
    assert_eq!(holds(guard, seen("2025-03-03", 0)), Ok(false));
    // What is given is taken as a whole, whatever stands around it in the expression.
    let guard = "known(data.dag) && oud_en_groot(data.dag, data.bedrag + 10)";
    assert_eq!(holds(guard, seen("2025-03-02", 8)), Ok(true), "8 + 10 - 1 > 16");
    assert_eq!(holds(guard, seen("2025-03-02", 9)), Ok(false), "9 + 10 - 1 is 18");
    assert_eq!(holds("!verjaard(received)", seen("2025-03-02", 9)), Ok(true));
}

#[test]
fn a_function_of_ones_own_is_checked_where_it_is_called() {
    let scope = with_a_function();
    let codes = |guard: &str| -> Vec<&str> {
        let findings = Guard::compile(guard, &scope).expect_err("it is wrong");
        findings.iter().map(|finding| finding.code).collect()
    };
    assert_eq!(codes("verjaard(data.dag)"), ["guard-may-be-absent"]);
    assert_eq!(codes("verjaard(data.soort)"), ["guard-wrong-argument"]);
    assert_eq!(codes("verjaard()"), ["guard-wrong-argument"]);
    assert_eq!(codes("verjaart(received)"), ["guard-unknown-function"]);
    assert_eq!(codes("verjaard(received) > 3"), ["guard-type-mismatch"]);
    assert_eq!(codes("verjaard"), ["guard-unknown-name"]);
}

#[test]
fn what_functions_stand_for_is_bounded() {
    let mut scope = Scope::new().with("n", Type::Integer, "a number");
    for depth in 0..20 {
        let before =
            if depth == 0 { "x > 1".to_owned() } else { format!("f{0}(x) || f{0}(x)", depth - 1) };
        let with = vec![("x".to_owned(), Type::Integer)];
        match Helper::compile(&before, with, Type::Boolean, &scope) {
            Ok(helper) => scope = scope.with_function(format!("f{depth}"), helper),
            Err(found) => {
                assert_eq!(found[0].code, "guard-too-long");
                return;
            }
        }
    }
    panic!("a million comparisons are too many");
}
