//! The words that the language keeps for itself, and their lower-case aliases.

/// A reserved word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Keyword {
    /// `AND`
    And,
    /// `ASC`, only as a sort direction.
    Asc,
    /// `AT`, only in a binder.
    At,
    /// `BY`, only in `SORT`.
    By,
    /// `CONTAINS`
    Contains,
    /// `DESC`, only as a sort direction.
    Desc,
    /// `ELSE`
    Else,
    /// `EXISTS`
    Exists,
    /// `FALSE`
    False,
    /// `FOR`
    For,
    /// `FORALL`
    Forall,
    /// `IF`
    If,
    /// `IFF`
    Iff,
    /// `IMPLIES`
    Implies,
    /// `IN`
    In,
    /// `LET`
    Let,
    /// `MATCH`
    Match,
    /// `NONE`
    None,
    /// `NOT`
    Not,
    /// `OR`
    Or,
    /// `SET`, before a bracket.
    Set,
    /// `SOME`
    Some,
    /// `THEN`
    Then,
    /// `TRUE`
    True,
    /// `WITH`
    With,
    /// `WITHOUT`
    Without,
}

/// One row of [`KEYWORDS`].
#[derive(Clone, Copy, Debug)]
pub struct KeywordInfo {
    /// The canonical spelling.
    pub text: &'static str,
    /// The keyword.
    pub keyword: Keyword,
    /// Whether the lower-case word is read as an alias, and so cannot be a name.
    pub alias: bool,
}

const fn row(text: &'static str, keyword: Keyword, alias: bool) -> KeywordInfo {
    KeywordInfo { text, keyword, alias }
}

/// All keywords, in the order of the alphabet.
pub static KEYWORDS: &[KeywordInfo] = &[
    row("AND", Keyword::And, true),
    row("ASC", Keyword::Asc, false),
    row("AT", Keyword::At, false),
    row("BY", Keyword::By, false),
    row("CONTAINS", Keyword::Contains, false),
    row("DESC", Keyword::Desc, false),
    row("ELSE", Keyword::Else, true),
    row("EXISTS", Keyword::Exists, true),
    row("FALSE", Keyword::False, true),
    row("FOR", Keyword::For, true),
    row("FORALL", Keyword::Forall, true),
    row("IF", Keyword::If, true),
    row("IFF", Keyword::Iff, true),
    row("IMPLIES", Keyword::Implies, true),
    row("IN", Keyword::In, true),
    row("LET", Keyword::Let, true),
    row("MATCH", Keyword::Match, true),
    row("NONE", Keyword::None, true),
    row("NOT", Keyword::Not, true),
    row("OR", Keyword::Or, true),
    row("SET", Keyword::Set, false),
    row("SOME", Keyword::Some, false),
    row("THEN", Keyword::Then, true),
    row("TRUE", Keyword::True, true),
    row("WITH", Keyword::With, true),
    row("WITHOUT", Keyword::Without, true),
];

impl Keyword {
    /// The canonical spelling.
    #[must_use]
    pub fn text(self) -> &'static str {
        KEYWORDS.iter().find(|info| info.keyword == self).map_or("", |info| info.text)
    }
}

/// The keyword of a word in its canonical spelling or as an alias.
#[must_use]
pub fn keyword(word: &str) -> Option<Keyword> {
    let info = any_case(word)?;
    let exact = info.text == word || info.alias && word.bytes().all(|byte| byte.is_ascii_lowercase());
    exact.then_some(info.keyword)
}

/// The keyword that a word spells when case does not matter.
#[must_use]
pub(crate) fn any_case(word: &str) -> Option<&'static KeywordInfo> {
    if word.len() < 2 || word.len() > 8 {
        return None;
    }
    KEYWORDS.iter().find(|info| info.text.eq_ignore_ascii_case(word))
}

/// Whether a word cannot be a name.
#[must_use]
pub fn is_reserved(word: &str) -> bool {
    keyword(word).is_some()
}

/// Whether a text has the shape of a name: a letter or underscore, then letters, digits, underscores.
#[must_use]
pub fn is_identifier(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
