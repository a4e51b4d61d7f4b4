//! What a template may say, what it makes, and that nobody's data can do anything in it.

use super::{Field, Finding, Format, Shape, Template};
use crate::diagnostic::Source;
use crate::language::Language;
use serde_json::{Value, json};

fn shape() -> Shape {
    let always = |shape| Field::always(shape, "");
    let perhaps = |shape| Field::perhaps(shape, "");
    let way = Shape::group([("title", always(Shape::Text)), ("last_day", perhaps(Shape::Date))]);
    let form = Shape::group([
        ("bevindingen", always(Shape::Text)),
        ("maatregelen", perhaps(Shape::list(Shape::Text))),
        ("bedrag", always(Shape::Number)),
        ("akkoord", always(Shape::Flag)),
    ]);
    Shape::group([
        ("received", always(Shape::Date)),
        ("form", perhaps(form)),
        ("name", always(Shape::Text)),
        ("remedy", always(Shape::list(way))),
    ])
}

fn read(text: &str, format: Format) -> Result<Template, Vec<Finding>> {
    Template::read(&Source::new("brief.txt", text), format, None, &shape())
}

fn content(name: &str) -> Value {
    shape().completed(json!({
        "received": "2026-03-02", "name": name, "remedy": [{"title": "Beroep"}],
        "form": {"bevindingen": "Juist.", "maatregelen": ["a", "b", "c"], "bedrag": 1234.5, "akkoord": true},
    }))
}

#[test]
fn a_template_says_what_it_may_say() {
    for (text, dutch) in [
        ("Geachte {{ name }},\n", "Geachte Anna,\n"),
        ("{{ received | date }}", "2 maart 2026"),
        ("{% if form %}{{ form.bedrag | amount }}{% endif %}", "1.234,50"),
        (
            "{% if form and form.maatregelen %}{{ form.maatregelen | listed }}{% endif %}",
            "a, b en c",
        ),
        (
            "{% if form and form.maatregelen %}\n  {% for m in form.maatregelen %}\n- {{ m | upper }}\n  {% endfor %}\n{% endif %}",
            "- A\n- B\n- C\n",
        ),
        (
            "{% for way in remedy %}{{ way.title }}{% if way.last_day %} voor {{ way.last_day | date }}{% endif %}{% endfor %}",
            "Beroep",
        ),
        (
            "{% if not form or not form.maatregelen %}geen{% else %}{{ form.maatregelen | length }}{% endif %}",
            "3",
        ),
        ("{% if name == 'Anna' %}zij{% else %}hij{% endif %}", "zij"),
        ("{{ form.bevindingen if form else 'niets' }}", "Juist."),
        ("{{ name ~ ' ' ~ name | lower }}", "Anna anna"),
        ("{% for m in remedy %}{{ loop.index }}{% endfor %}", "1"),
    ] {
        let template = read(text, Format::Text).expect(text);
        let made = template.fill(&content("Anna"), Language::Nl).expect(text);
        assert_eq!(made, dutch, "{text}");
    }
}

#[test]
fn a_template_is_told_what_is_wrong_with_it_and_where() {
    for (text, code, at) in [
        ("{{ naam }}", "letter-unknown-name", "naam"),
        ("{{ form.bevinding }}", "letter-unknown-field", "bevinding"),
        ("{{ form.bevindingen }}", "letter-may-be-absent", "form.bevindingen"),
        (
            "{% if form %}{{ form.maatregelen | listed }}{% endif %}",
            "letter-may-be-absent",
            "form.maatregelen",
        ),
        (
            "{% if name %}{% else %}{{ form.bevindingen }}{% endif %}",
            "letter-may-be-absent",
            "form.bevindingen",
        ),
        (
            "{% if form or name %}{{ form.bevindingen }}{% endif %}",
            "letter-may-be-absent",
            "form.bevindingen",
        ),
        ("{{ remedy }}", "letter-not-a-text", "remedy"),
        ("{% if form %}{{ form.akkoord }}{% endif %}", "letter-not-a-text", "form.akkoord"),
        ("{% if form %}{{ form }}{% endif %}", "letter-not-a-text", "form"),
        ("{{ name | datum }}", "letter-unknown-filter", "datum"),
        ("{{ name | safe }}", "letter-unknown-filter", "safe"),
        ("{{ name | date }}", "letter-wrong-argument", "date"),
        ("{{ received | date(3) }}", "letter-wrong-argument", "3"),
        ("{% for x in name %}{% endfor %}", "letter-wrong-argument", "name"),
        ("{% if name == 3 %}{% endif %}", "letter-wrong-argument", "name == 3"),
        ("{% set x = 1 %}", "letter-not-supported", "set x = 1"),
        ("{{ range(9) }}", "letter-not-supported", "range(9)"),
        ("{{ name[0] }}", "letter-not-supported", "name[0]"),
        ("{{ 2 ** 64 }}", "letter-not-supported", "2 ** 64"),
        ("{% autoescape false %}{{ name }}{% endautoescape %}", "letter-not-supported", ""),
        ("{% include '/etc/passwd' %}", "letter-syntax", ""),
        ("{% macro a() %}{% endmacro %}", "letter-syntax", ""),
        ("{{ name", "letter-syntax", ""),
        ("{% if name %}", "letter-syntax", ""),
        ("{% for x in remedy %}{{ loop.vorige }}{% endfor %}", "letter-unknown-field", "vorige"),
        ("{% for x in remedy %}{% endfor %}{{ x.title }}", "letter-unknown-name", "x"),
    ] {
        let findings = read(text, Format::Text).expect_err(text);
        let [only] = findings.as_slice() else { panic!("{text}: {findings:?}") };
        assert_eq!(only.code, code, "{text}: {only:?}");
        assert!(only.help.is_some(), "{text}");
        let found = text.get(only.range.clone()).expect(text);
        assert!(at.is_empty() || found == at, "{text}: {found}");
    }
}

#[test]
fn what_a_person_wrote_is_put_in_once_and_escaped_in_html() {
    let hostile = "{{ 7*7 }}<script>alert('x')</script>{% for %}";
    let text = read("{{ name }}", Format::Text).expect("a template");
    assert_eq!(text.fill(&content(hostile), Language::En).expect("a letter"), hostile);
    let html = read("<p title=\"{{ name }}\">", Format::Html).expect("a template");
    let made = html.fill(&content(hostile), Language::En).expect("a letter");
    assert!(!made.contains("<script>") && made.contains("{{ 7*7 }}"), "{made}");
    let listed = read("{% for w in remedy %}{{ w.title | upper }}{% endfor %}", Format::Html);
    let mut bad = content("x");
    bad["remedy"][0]["title"] = json!("<b>");
    let made = listed.expect("a template").fill(&bad, Language::Nl).expect("a letter");
    assert_eq!(made, "&lt;B&gt;");
}

#[test]
fn a_letter_has_an_end_and_tells_no_data_when_it_fails() {
    let nested = "{% for a in remedy %}{% for b in remedy %}{% for c in remedy %}{{ c.title }}{% endfor %}{% endfor %}{% endfor %}";
    let template = read(nested, Format::Text).expect("a template");
    let many: Vec<Value> = (0..500).map(|_| json!({"title": "x"})).collect();
    let mut long = content("x");
    long["remedy"] = Value::Array(many);
    let fault = template.fill(&long, Language::Nl).expect_err("it would not end");
    assert_eq!(fault.to_string(), "brief.txt:1: the letter takes too long to make");
    let twice = read("{% for a in remedy %}{{ name }}{% endfor %}", Format::Text).expect("one");
    let mut heavy = content(&"x".repeat(100_000));
    heavy["remedy"] = long["remedy"].clone();
    let fault = twice.fill(&heavy, Language::Nl).expect_err("it would be too long");
    assert_eq!(fault.what, "the letter would be too long");
    let mut wrong = content("secret");
    wrong["received"] = json!("secret");
    let date = read("a\nb {{ received | date }}", Format::Text).expect("a template");
    let fault = date.fill(&wrong, Language::Nl).expect_err("no date");
    assert_eq!(
        fault.to_string(),
        "brief.txt:2: a value is of another kind than the template takes"
    );
    assert!(read(&"x".repeat(60_001), Format::Text).is_err());
    assert!(read(&"\n".repeat(60_000), Format::Text).is_ok());
    assert!(read(&"{{".repeat(30_000), Format::Text).is_err());
    assert!(
        read(&format!("{{{{ {}name{} }}}}", "(".repeat(9_000), ")".repeat(9_000)), Format::Text)
            .is_err()
    );
}

#[test]
fn a_template_says_what_it_reads() {
    let text = "{% if form %}{{ form.bevindingen }}{% endif %}{% for w in remedy %}{{ w.title }}{% endfor %}";
    let template = read(text, Format::Text).expect("a template");
    for (path, reads) in [
        ("form.bevindingen", true),
        ("form", true),
        ("remedy", true),
        ("form.maatregelen", false),
        ("form.bevinding", false),
    ] {
        assert_eq!(template.reads(path), reads, "{path}");
    }
}
