//! The grammar as the reference prints it. A test holds `docs/reference/grammar.md` to this table, and the
//! printer's round trip holds the table's forms to the parser.

/// One rule.
#[derive(Clone, Copy, Debug)]
pub struct Production {
    /// The heading under which the reference shows it.
    pub section: &'static str,
    /// What it defines.
    pub name: &'static str,
    /// EBNF: `{ x }` any number of times, `[ x ]` at most once; alternatives on lines of their own.
    pub text: &'static str,
}

const fn production(section: &'static str, name: &'static str, text: &'static str) -> Production {
    Production { section, name, text }
}

/// All rules, in the order of the reference.
pub static GRAMMAR: &[Production] = &[
    // Expressions
    production("Expressions", "expression", r##"iff"##),
    production("Expressions", "iff", r##"implication { "IFF" implication }"##),
    production("Expressions", "implication", r##"disjunction [ "IMPLIES" implication ]"##),
    production("Expressions", "disjunction", r##"conjunction { "OR" conjunction }"##),
    production("Expressions", "conjunction", r##"negation { "AND" negation }"##),
    production("Expressions", "negation", r##""NOT" negation | comparison"##),
    production("Expressions", "comparison", r##"update { comparator update } | update "IN" range"##),
    production("Expressions", "comparator", r##""==" | "!=" | "<" | "<=" | ">" | ">=" | "IN" | "CONTAINS""##),
    production("Expressions", "range", r##"update ".." update"##),
    production("Expressions", "update", r##"additive { with | without }"##),
    production("Expressions", "with", r##""WITH" ( fields | replacement { "," replacement } | additive )"##),
    production("Expressions", "replacement", r##""[" expression "]" "=" additive"##),
    production("Expressions", "without", r##""WITHOUT" additive"##),
    production("Expressions", "additive", r##"multiplicative { ( "+" | "-" | "++" ) multiplicative }"##),
    production("Expressions", "multiplicative", r##"unary { ( "*" | "/" | "%" ) unary }"##),
    production("Expressions", "unary", r##""-" unary | postfix"##),
    production("Expressions", "postfix", r##"operand { field | index | slice }"##),
    production("Expressions", "field", r##""." name"##),
    production("Expressions", "index", r##""[" expression "]""##),
    production("Expressions", "slice", r##""[" range "]""##),
    // Operands
    production(
        "Operands",
        "operand",
        r##"literal | "(" expression ")" | array | set | map | construct | call
| aggregate | sort | conditional | binding | match | quantifier | name"##,
    ),
    production(
        "Operands",
        "array",
        r##""[" [ expression { "," expression } [ "," ] ] "]"
| "[" expression comprehension "]""##,
    ),
    production(
        "Operands",
        "set",
        r##""SET" "[" [ expression { "," expression } [ "," ] ] "]"
| "SET" "[" expression comprehension "]""##,
    ),
    production(
        "Operands",
        "map",
        r##""{" [ entry { "," entry } [ "," ] ] "}"
| "{" entry comprehension "}""##,
    ),
    production("Operands", "entry", r##"expression ":" expression"##),
    production("Operands", "construct", r##"name fields"##),
    production(
        "Operands",
        "fields",
        r##""{" [ name ":" expression { "," name ":" expression } [ "," ] ] "}""##,
    ),
    production("Operands", "call", r##"name "(" [ argument { "," argument } [ "," ] ] ")""##),
    production("Operands", "argument", r##"[ name ":" ] expression"##),
    production(
        "Operands",
        "aggregate",
        r##"( "SUM" | "COUNT" | "MIN" | "MAX" | "ALL" | "ANY" | "FIND" )
"(" expression comprehension ")""##,
    ),
    production("Operands", "sort", r##""SORT" "(" binder "BY" sort_key { "," sort_key } ")""##),
    production("Operands", "sort_key", r##"expression [ "ASC" | "DESC" ]"##),
    production("Operands", "conditional", r##""IF" expression "THEN" expression "ELSE" expression"##),
    production("Operands", "binding", r##""LET" name "=" expression "IN" expression"##),
    production("Operands", "match", r##""MATCH" expression "{" arm { "," arm } [ "," ] "}""##),
    production("Operands", "arm", r##"pattern "=>" expression"##),
    production(
        "Operands",
        "pattern",
        r##""NONE" | "SOME" "(" name ")"
| name [ "{" [ bound { "," bound } ] "}" ]"##,
    ),
    production("Operands", "bound", r##"name [ ":" name ]"##),
    production("Operands", "quantifier", r##"( "FORALL" | "EXISTS" ) binder { "," binder } ":" expression"##),
    production("Operands", "comprehension", r##""FOR" binder { "," binder } [ "IF" expression ]"##),
    production("Operands", "binder", r##"name [ "AT" name ] "IN" domain"##),
    production("Operands", "domain", r##"range | update"##),
    // Literals and names
    production(
        "Literals and names",
        "literal",
        r##"integer | decimal | string | bytes | timestamp | "TRUE" | "FALSE"
| "NONE" | "SOME" "(" expression ")""##,
    ),
    production("Literals and names", "integer", r##"digit { [ "_" ] digit }"##),
    production("Literals and names", "decimal", r##"integer "." integer"##),
    production(
        "Literals and names",
        "string",
        r##"'"' { character | escape } '"' | "'" { character | escape } "'""##,
    ),
    production(
        "Literals and names",
        "escape",
        r##""\" ( '"' | "'" | "\" | "n" | "r" | "t" | "0" | "x" hex hex | "u" hex hex hex hex
| "u{" hex { hex } "}" )"##,
    ),
    production("Literals and names", "bytes", r##"'b"' { hex hex } '"'"##),
    production("Literals and names", "timestamp", r##"'t"' { character } '"'"##),
    production("Literals and names", "name", r##"( letter | "_" ) { letter | digit | "_" }"##),
    production("Literals and names", "letter", r##""A" … "Z" | "a" … "z""##),
    production("Literals and names", "digit", r##""0" … "9""##),
    production("Literals and names", "hex", r##"digit | "A" … "F" | "a" … "f""##),
    // Types
    production(
        "Types",
        "type",
        r##""boolean" | "integer" | "decimal" | "float" | "string" | "bytes" | "timestamp"
| "optional" "<" type ">"
| "array" "<" type ">"
| "map" "<" type "," type ">"
| "set" "<" type ">"
| "enum" "[" name { "," name } "]"
| name"##,
    ),
    // Templates
    production("Templates", "template", r##"{ text | "{{" | "}}" | "{" expression "}" }"##),
];

/// The rules of one section as the reference prints them.
#[must_use]
pub fn section(name: &str) -> String {
    let rules: Vec<&Production> = GRAMMAR.iter().filter(|rule| rule.section == name).collect();
    let width = rules.iter().map(|rule| rule.name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for rule in rules {
        let mut lines = rule.text.lines();
        text += &format!("{:width$} = {}", rule.name, lines.next().unwrap_or(""));
        for line in lines {
            // Alternatives stand below the sign.
            let indent = width + if line.starts_with('|') { 1 } else { 3 };
            text += &format!("\n{:indent$}{line}", "");
        }
        text += " ;\n";
    }
    text
}
