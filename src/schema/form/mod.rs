//! The schemas that authors write: what a form asks, and what is recorded of a case.
//!
//! An author writes a small part of JSON Schema 2020-12. Whatever is written, checking data against it takes time and
//! memory in proportion to the data: no choices between schemas, no patterns that go back, no reference to elsewhere,
//! and every text and list has a largest size. What an author doesn't declare, nobody can record.

mod check;
mod names;
mod read;

use super::validator;
use crate::diagnostic::{Diagnostic, Place, in_order};
use crate::language::Text;
use crate::yaml::Node;
use jsonschema::Validator;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// An author's schema for a form or for the data of a case: checked, bounded, and with all references resolved.
#[derive(Debug, Clone)]
pub struct FormSchema {
    fields: Vec<Field>,
    resolved: Value,
    /// Compiled when it is first asked: reading a procedure asks for few of its forms.
    validator: OnceLock<Option<Validator>>,
}

/// Something that a form asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The name under which it is recorded, and by which guards know it.
    pub name: String,
    /// What can be recorded.
    pub kind: FieldKind,
    /// Whether data without it is refused.
    pub required: bool,
    /// What people call it.
    pub title: Option<Text>,
    /// Whether it says something about a person, so that it can be erased; what is within it does so too.
    pub personal: bool,
    /// The key that declares it.
    pub place: Place,
}

/// What can be recorded in a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldKind {
    /// `true` or `false`.
    Boolean,
    /// A whole number of 64 bits.
    Integer,
    /// A number, with or without decimals.
    Number,
    /// A text.
    Text {
        /// The texts from which one is chosen; none if any text will do.
        one_of: Vec<String>,
    },
    /// A civil date: `type: string, format: date`.
    Date,
    /// An instant: `type: string, format: date-time`.
    Moment,
    /// A list of values of one kind.
    List(Box<FieldKind>),
    /// Fields within this field.
    Record(Vec<Field>),
    /// A text, a number, `true` or `false`: the author didn't say which.
    Unknown,
}

/// Why data can't be taken in: in words that hold nothing of the data itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormFinding {
    /// The field, with the fields and items within which it stands: `item 2 of betrokkenen`.
    pub field: String,
    /// What is wrong with it; goes on where the field ends: `must be a text`.
    pub message: String,
}

impl FormSchema {
    /// Checks and compiles a schema that stands in a file.
    ///
    /// `files` are the other schema files of the workspace by their path from its root; `$ref` can name them.
    ///
    /// # Errors
    /// All findings about the schema, in the order of the text.
    pub fn compile(node: &Node, files: &BTreeMap<String, Node>) -> Result<Self, Vec<Diagnostic>> {
        Self::compile_beside(node, &[], files)
    }

    /// Does what [`FormSchema::compile`] does for a schema beside which other keys stand, such as `channels`.
    ///
    /// # Errors
    /// All findings about the schema, in the order of the text; none about the keys in `beside`.
    pub fn compile_beside(
        node: &Node,
        beside: &[&str],
        files: &BTreeMap<String, Node>,
    ) -> Result<Self, Vec<Diagnostic>> {
        let schema = Self::read(node, beside, files)?;
        if schema.validator().is_some() {
            return Ok(schema);
        }
        // What can fail here was checked before, each with a finding of its own.
        Err(in_order(vec![
            Diagnostic::error("schema-invalid", &node.place)
                .message("this schema cannot be used")
                .help("take out what was added last"),
        ]))
    }

    /// Reads a schema that was compiled before, when its text was published; it compiles again when data comes.
    ///
    /// # Errors
    /// All findings about the schema, in the order of the text.
    pub fn compile_published(
        node: &Node,
        files: &BTreeMap<String, Node>,
    ) -> Result<Self, Vec<Diagnostic>> {
        Self::read(node, &[], files)
    }

    fn read(
        node: &Node,
        beside: &[&str],
        files: &BTreeMap<String, Node>,
    ) -> Result<Self, Vec<Diagnostic>> {
        let (fields, resolved) = read::form(node, beside, files)?;
        Ok(Self { fields, resolved, validator: OnceLock::new() })
    }

    /// Returns the schema of a form that asks nothing.
    pub fn empty() -> Self {
        let resolved = serde_json::json!({ "type": "object", "additionalProperties": false });
        Self { fields: Vec::new(), resolved, validator: OnceLock::new() }
    }

    fn validator(&self) -> Option<&Validator> {
        self.validator.get_or_init(|| validator(&self.resolved).ok()).as_ref()
    }

    /// Returns the fields, in the order of the text.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// Returns the schema with every reference resolved and every limit written out.
    pub fn resolved(&self) -> &Value {
        &self.resolved
    }

    /// Finds what in `data` isn't as the schema has it; none if the data can be recorded.
    ///
    /// Besides the schema: no control characters but line feeds and tabs, and no marks that turn the reading direction;
    /// numbers are written plainly, whole ones fit 64 bits; at most 20,000 values in all, and 64 within each other.
    pub fn validate(&self, data: &Value) -> Vec<FormFinding> {
        check::findings(self, data)
    }
}

#[cfg(test)]
mod tests {
    #![expect(
        clippy::expect_used,
        clippy::disallowed_methods,
        reason = "a test may panic, and watches the clock"
    )]
    use super::{Field, FieldKind, FormSchema};
    use crate::diagnostic::{Diagnostic, Source, Style, render};
    use crate::language::Language;
    use crate::yaml::{Limits, Node, read};
    use insta::assert_snapshot;
    use proptest::prelude::*;
    use serde_json::{Value, json};
    use std::collections::BTreeMap;
    use std::time::{Duration, Instant};

    fn node(name: &str, text: &str) -> Node {
        read(&Source::new(name, text), &Limits::default()).expect("the text is YAML")
    }

    fn compile(text: &str) -> Result<FormSchema, Vec<Diagnostic>> {
        FormSchema::compile(&node("x", text), &BTreeMap::new())
    }

    fn form(text: &str) -> FormSchema {
        compile(text).unwrap_or_else(|found| panic!("{}", render(&found, Style::Plain)))
    }

    const CASE: &str = "
channels: [brief]
required: [onderwerp, omschrijving]
properties:
  onderwerp:    { type: string, maxLength: 20 }
  datum:        { type: string, format: date, title: { nl: Wanneer?, en: When? } }
  omschrijving: { type: string, personal: true }
  betrokkenen:  { type: array, maxItems: 3, items: { $ref: '#/$defs/persoon' }, personal: true }
  soort:        { enum: [klacht, 'no'] }
  bedrag:       { type: number, minimum: 0 }
  aantal:       { type: integer, minimum: 0, maximum: 9 }
  spoed:        { type: boolean }
  postcode:     { pattern: '^[0-9]{4} ?[A-Z]{2}$', examples: [1234 AB] }
  wat_dan_ook:  {}
$defs:
  persoon:
    required: [naam]
    properties: { naam: { type: string, title: Naam }, e_mail: { format: email }, gehoord: { format: date-time } }
";

    fn case() -> FormSchema {
        FormSchema::compile_beside(&node("x", CASE), &["channels"], &BTreeMap::new())
            .expect("the schema is good")
    }

    #[test]
    fn the_fields_of_a_form_are_known() {
        let form = case();
        let kinds: Vec<(&str, &FieldKind)> =
            form.fields().iter().map(|field| (field.name.as_str(), &field.kind)).collect();
        let text = || FieldKind::Text { one_of: Vec::new() };
        let field = |name: &str| -> &Field {
            form.fields().iter().find(|field| field.name == name).expect("it is declared")
        };
        let FieldKind::List(person) = &field("betrokkenen").kind else { panic!("no list") };
        let FieldKind::Record(person) = person.as_ref() else { panic!("no record") };
        for (name, kind) in [
            ("onderwerp", text()),
            ("datum", FieldKind::Date),
            ("soort", FieldKind::Text { one_of: vec!["klacht".to_owned(), "no".to_owned()] }),
            ("bedrag", FieldKind::Number),
            ("aantal", FieldKind::Integer),
            ("spoed", FieldKind::Boolean),
            ("postcode", text()),
            ("wat_dan_ook", FieldKind::Unknown),
        ] {
            assert!(kinds.contains(&(name, &kind)), "{name}: {kinds:?}");
        }
        let inner: Vec<_> = person
            .iter()
            .map(|field| (field.name.as_str(), field.required, field.personal))
            .collect();
        assert_eq!(
            inner,
            [("naam", true, true), ("e_mail", false, true), ("gehoord", false, true)]
        );
        assert!(
            field("onderwerp").required && !field("datum").required && !field("onderwerp").personal
        );
        let title = field("datum").title.as_ref().map(|title| title.in_language(Language::Nl));
        assert_eq!(
            (title, field("datum").place.to_string()),
            (Some("Wanneer?"), "x:6:3".to_owned())
        );
    }

    #[test]
    fn each_mistake_in_a_schema_is_told_where_it_stands() {
        let field =
            |schema: &str| format!("properties:\n  é: 1\n  a: {schema}\n").replace("  é: 1\n", "");
        for (text, expected) in [
            (field("{ type: string, maxLenght: 3 }"), "unknown-keyword x:2:22"),
            (field("{ type: text }"), "wrong-value x:2:14"),
            (field("{ type: [string, 'null'] }"), "wrong-type x:2:14"),
            (field("{ type: string, format: dat }"), "wrong-value x:2:30"),
            (field("{ maxLength: lang }"), "wrong-type x:2:19"),
            (field("{ maxLength: -1 }"), "out-of-range x:2:19"),
            (field("{ maxLength: 1000000 }"), "out-of-range x:2:19"),
            (field("{ minLength: 5, maxLength: 4 }"), "out-of-range x:2:33"),
            (field("{ type: array, maxItems: 20000 }"), "out-of-range x:2:31"),
            (field("{ minimum: 5, maximum: 4 }"), "out-of-range x:2:29"),
            (field("{ type: number, multipleOf: 0 }"), "out-of-range x:2:34"),
            (field("{ type: integer, maxLength: 4 }"), "keyword-without-effect x:2:23"),
            (field("{ oneOf: [{}] }"), "keyword-not-supported x:2:8"),
            (field("{ anyOf: [{}] }"), "keyword-not-supported x:2:8"),
            (field("{ not: {} }"), "keyword-not-supported x:2:8"),
            (field("{ if: {} }"), "keyword-not-supported x:2:8"),
            (field("{ type: object, additionalProperties: true }"), "keyword-not-supported x:2:44"),
            (field("{ type: string, enum: [a, 1] }"), "wrong-type x:2:32"),
            (field("{ enum: [a, a] }"), "not-unique x:2:18"),
            (field("{ type: string, enum: [] }"), "too-few x:2:28"),
            (field("{ pattern: '^(?=a)b$' }"), "pattern-backtracks x:2:17"),
            (field("{ pattern: '^(a*)*\\1b$' }"), "pattern-backtracks x:2:17"),
            (field("{ pattern: '[' }"), "pattern-invalid x:2:17"),
            (field("{ pattern: '^(a{1,1000}){1,1000}$' }"), "pattern-invalid x:2:17"),
            (field("{ $ref: 'https://example.org/x.json' }"), "ref-outside x:2:14"),
            (field("{ $ref: 'file:///etc/passwd' }"), "ref-outside x:2:14"),
            (field("{ $ref: ../x.json }"), "ref-outside x:2:14"),
            (field("{ $ref: schemas/../../x.json }"), "ref-outside x:2:14"),
            (field("{ $ref: /etc/passwd }"), "ref-outside x:2:14"),
            (field("{ $ref: '#' }"), "ref-outside x:2:14"),
            (field("{ $ref: '#/properties/a' }"), "ref-outside x:2:14"),
            (field("{ $ref: '#/$defs/b' }"), "ref-unknown x:2:14"),
            (field("{ $ref: schemas/b.json }"), "ref-unknown x:2:14"),
            (
                field("{ $ref: '#/$defs/b', type: string }\n$defs: { b: {} }"),
                "keyword-not-supported x:2:27",
            ),
            (
                field("{ $ref: '#/$defs/b' }\n$defs: { b: { items: { $ref: '#/$defs/b' } } }"),
                "ref-loop x:3:30",
            ),
            (field("{ title: { nederlands: Naam } }"), "wrong-text x:2:17"),
            (field("{ personal: yes }"), "wrong-type x:2:18"),
            (field(""), "wrong-type x:2:5"),
            ("properties: { E-mail: {} }".to_owned(), "field-name x:1:15"),
            ("properties: { case: {} }".to_owned(), "field-name x:1:15"),
            ("required: [datun]\nproperties: { datum: {} }".to_owned(), "unknown-field x:1:12"),
            ("required: [datum, datum]\nproperties: { datum: {} }".to_owned(), "not-unique x:1:19"),
            ("type: array\nitems: {}".to_owned(), "wrong-type x:1:7"),
            ("datum: {}\n".to_owned(), "unknown-keyword x:1:1"),
            ("$defs: { b: { type: strin } }\n".to_owned(), "wrong-value x:1:21"),
        ] {
            let found = compile(&text).expect_err(&text);
            let told: Vec<_> =
                found.iter().map(|one| format!("{} {}", one.code, one.place)).collect();
            assert_eq!(told, [expected], "{text}\n{}", render(&found, Style::Plain));
        }
    }

    #[test]
    fn what_is_suggested_mends_a_schema() {
        for (text, mended) in [
            ("properties: { a: { maxLenght: 3 } }", "properties: { a: { maxLength: 3 } }"),
            ("properties: { a: { type: text } }", "properties: { a: { type: string } }"),
            ("properties: { a: { type: boolan } }", "properties: { a: { type: boolean } }"),
            ("properties: { E-mail: {} }", "properties: { e_mail: {} }"),
            ("properties: { Één: {} }", "properties: { een: {} }"),
            ("properties: { default: {} }", "properties: { default_: {} }"),
            (
                "required: [datun]\nproperties: { datum: {} }",
                "required: [datum]\nproperties: { datum: {} }",
            ),
            ("properties: { a: { enum: [a, 1] } }", "properties: { a: { enum: [a, \"1\"] } }"),
            (
                "properties: { a: { $ref: '#/$defs/naaam' } }\n$defs: { naam: {} }",
                "properties: { a: { $ref: \"#/$defs/naam\" } }\n$defs: { naam: {} }",
            ),
        ] {
            let found = compile(text).expect_err(text);
            let edit = found.iter().find_map(|one| one.suggestion.clone()).expect("there is one");
            let mut edited = text.to_owned();
            edited.replace_range(edit.span.start..edit.span.end, &edit.replacement);
            assert_eq!(edited, mended);
            form(&edited);
        }
    }

    #[test]
    fn a_misspelt_keyword_is_shown() {
        let found = compile("properties:\n  naam: { type: string, maxLenght: 200 }\n")
            .expect_err("it is wrong");
        assert_snapshot!(render(&found, Style::Plain), @r#"
        error[unknown-keyword]: unknown keyword `maxLenght`
         --> x:2:25
          |
        2 |   naam: { type: string, maxLenght: 200 }
          |                         ^^^^^^^^^ this is no keyword of a schema
          |
        help: a keyword with a similar name exists: `maxLength`
          |
        2 -   naam: { type: string, maxLenght: 200 }
        2 +   naam: { type: string, maxLength: 200 }
          |
        "#);
    }

    #[test]
    fn a_schema_of_another_file_can_be_used() {
        let files = BTreeMap::from([(
            "schemas/persoon.yaml".to_owned(),
            node(
                "schemas/persoon.yaml",
                "properties: { naam: { $ref: '#/$defs/naam' } }\n$defs: { naam: { maxLength: 5 }, kapot: { type: x } }",
            ),
        )]);
        let text = "properties: { a: { $ref: schemas/persoon.yaml }, b: { $ref: 'schemas/persoon.yaml#/$defs/naam' } }";
        let form = FormSchema::compile(&node("x", text), &files).expect("the schema is good");
        assert!(form.validate(&json!({ "a": { "naam": "Jan" }, "b": "Piet" })).is_empty());
        assert_eq!(form.validate(&json!({ "a": { "naam": "te lang" }, "b": "te lang" })).len(), 2);
        let text = "properties: { b: { $ref: 'schemas/persoon.yaml#/$defs/kapot' } }";
        let found = FormSchema::compile(&node("x", text), &files).expect_err("it is wrong");
        let told: Vec<_> = found.iter().map(|one| one.place.to_string()).collect();
        assert_eq!(told, ["schemas/persoon.yaml:2:49"]);
    }

    #[test]
    fn data_is_checked_and_never_repeated() {
        let form = case();
        let good = json!({ "onderwerp": "x", "omschrijving": "a\n\tb é" });
        for (field, value, expected) in [
            ("soort", json!("klacht"), ""),
            ("soort", json!("PII"), "soort must be one of `klacht`, `no`"),
            (
                "onderwerp",
                json!("PII PII PII PII PII PII"),
                "onderwerp is longer than 20 characters",
            ),
            ("onderwerp", json!(["PII"]), "onderwerp must be a text"),
            (
                "onderwerp",
                json!("PII\u{1b}[2J"),
                "onderwerp has a control character that cannot be seen",
            ),
            (
                "onderwerp",
                json!("PII\r\n"),
                "onderwerp has a control character that cannot be seen",
            ),
            (
                "onderwerp",
                json!("PII\u{202e}"),
                "onderwerp has a control character that cannot be seen",
            ),
            (
                "omschrijving",
                json!("P".repeat(20_001)),
                "omschrijving is longer than 20000 characters",
            ),
            ("omschrijving", Value::Null, "omschrijving must be a text"),
            ("datum", json!("2024-02-29"), ""),
            ("datum", json!("2026-02-29 PII"), "datum must be a date such as 2026-01-31"),
            ("datum", json!("29-02-2024"), "datum must be a date such as 2026-01-31"),
            ("bedrag", json!(1.5), ""),
            ("bedrag", json!(-1), "bedrag must be at least 0"),
            (
                "bedrag",
                serde_json::from_str("1e300").expect("a number"),
                "bedrag must be a number of at most 28 digits, written plainly",
            ),
            ("aantal", json!(9), ""),
            ("aantal", json!(10), "aantal must be at most 9"),
            ("aantal", json!(1.5), "aantal must be a whole number"),
            (
                "aantal",
                serde_json::from_str("1.0").expect("a number"),
                "aantal must be a whole number of at most 18 digits, written plainly",
            ),
            ("spoed", json!("true"), "spoed must be true or false"),
            ("postcode", json!("1234 AB"), ""),
            (
                "postcode",
                json!("PII"),
                "postcode is not written as it must be: a value such as `1234 AB`",
            ),
            ("betrokkenen", json!([{ "naam": "PII", "e_mail": "a@example.org" }]), ""),
            (
                "betrokkenen",
                json!([{ "naam": "PII" }, {}]),
                "naam in item 2 of betrokkenen is missing",
            ),
            (
                "betrokkenen",
                json!([{ "naam": "PII", "e_mail": "PII" }]),
                "e_mail in item 1 of betrokkenen must be an e-mail address",
            ),
            (
                "betrokkenen",
                json!([{ "naam": "PII\u{0}" }]),
                "naam in item 1 of betrokkenen has a control character that cannot be seen",
            ),
            (
                "betrokkenen",
                json!([{ "naam": "P" }, { "naam": "P" }, { "naam": "P" }, { "naam": "P" }]),
                "betrokkenen must have at most 3 items",
            ),
            ("betrokkenen", json!({}), "betrokkenen must be a list"),
            ("wat_dan_ook", json!([1]), "wat_dan_ook must be true or false or a number or a text"),
            ("datun", json!("PII"), "datun is no field of this form; did you mean `datum`?"),
            ("Jan PII 06-12345678", json!(1), "the form has a field that the form does not know"),
        ] {
            let mut data = good.clone();
            data[field] = value;
            let told: Vec<_> = form
                .validate(&data)
                .iter()
                .map(|one| format!("{} {}", one.field, one.message))
                .collect();
            assert_eq!(told.join("; "), expected, "{field}");
            assert!(!told.join("").contains("PII"), "{field}");
        }
        let told = form.validate(&json!({}));
        assert_eq!(
            told.iter().map(|one| one.field.as_str()).collect::<Vec<_>>(),
            ["onderwerp", "omschrijving"]
        );
        assert_eq!(form.validate(&json!([])).len(), 1);
    }

    #[test]
    fn a_hostile_schema_or_form_is_refused_at_once() {
        let doubled = |level: usize| {
            format!(
                "  d{level}: {{ properties: {{ a: {{ $ref: '#/$defs/d{0}' }}, b: {{ $ref: '#/$defs/d{0}' }} }} }}\n",
                level + 1
            )
        };
        let doubling: String = (0..20).map(doubled).collect();
        let doubling = format!(
            "properties: {{ a: {{ $ref: '#/$defs/d0' }} }}\n$defs:\n{doubling}  d20: {{}}\n"
        );
        let chained = |level: usize| {
            format!("  d{level}: {{ items: {{ $ref: '#/$defs/d{}' }} }}\n", level + 1)
        };
        let chain: String = (0..40).map(chained).collect();
        let chain =
            format!("properties: {{ a: {{ $ref: '#/$defs/d0' }} }}\n$defs:\n{chain}  d40: {{}}\n");
        let declared = |number: usize| format!("  f{number}: {{}}\n");
        let many: String = (0..1_500).map(declared).collect();
        for (name, code, text) in [
            ("doubling", "too-many-schemas", doubling),
            ("chain", "too-deep", chain),
            ("many", "too-many-schemas", format!("properties:\n{many}")),
        ] {
            let start = Instant::now();
            let found = compile(&text).expect_err(name);
            assert!(found.iter().any(|one| one.code == code), "{name}: {:?}", found.first());
            assert!(start.elapsed() < Duration::from_secs(2), "{name} took {:?}", start.elapsed());
        }
        let form = form(
            "properties: { a: { pattern: '^(a+)+$' }, b: { items: { type: string }, uniqueItems: true, maxItems: 10000 } }",
        );
        let mut deep = json!(1);
        for _ in 0..1_000 {
            deep = Value::Array(vec![deep]);
        }
        let texts: Vec<String> = (0..9_999).map(|number| number.to_string()).collect();
        for (name, data, wrong) in [
            ("pattern", json!({ "a": format!("{}b", "a".repeat(19_000)) }), 1),
            ("unique", json!({ "b": texts }), 0),
            ("many", json!({ "b": vec![0; 1_000_000] }), 1),
            ("wrong items", json!({ "b": vec![0; 9_000] }), 50),
            ("deep", Value::Object([("a".to_owned(), deep)].into_iter().collect()), 1),
        ] {
            let start = Instant::now();
            assert_eq!(form.validate(&data).len(), wrong, "{name}");
            assert!(start.elapsed() < Duration::from_secs(3), "{name} took {:?}", start.elapsed());
        }
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "[a-z\u{0}\u{202e}]{0,6}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::btree_map(
                    prop_oneof![
                        Just("onderwerp".to_owned()),
                        Just("betrokkenen".to_owned()),
                        Just("naam".to_owned()),
                        "[a-z]{1,3}"
                    ],
                    inner,
                    0..4,
                )
                .prop_map(|fields| json!(fields)),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_taken_in_fits_the_resolved_schema(data in any_json()) {
            let form = case();
            let fits = form.validator().expect("it compiles").is_valid(&data);
            let found = form.validate(&data);
            prop_assert!(fits || !found.is_empty());
            let clean = found.iter().all(|one| !one.message.contains(['\0', '\u{202e}']));
            prop_assert!(clean);
        }
    }
}
