//! Codes of imports.

anrf_format::codes! {
    MALFORMED = "E-IMPORT-001", "malformed reference",
        "A dependency is `name@version`, such as `round_money@1`, or `sha256:` and 64 hexadecimal digits.";
    NOT_FOUND = "E-IMPORT-002", "module not found",
        "The resolver has no module with this function in this version. The `anrf` program looks into the \
         folder of the file and the folders given with `--path`.";
    CYCLE = "E-IMPORT-003", "modules import each other",
        "A module uses a function of a module that, directly or through others, uses this one. Move what both \
         need into a third module.";
    CONFLICTING_VERSIONS = "E-IMPORT-004", "two versions of one function",
        "Two dependencies want different versions of the same function. Use one version in both.";
    CONFLICTING_TYPES = "E-IMPORT-005", "type of the same name, but different",
        "The imported module declares a type of this name in another way. Equal definitions are one type; \
         rename one of different ones.";
    BROKEN = "E-IMPORT-006", "imported module has errors",
        "The imported module does not pass its own check. Check that file first.";
    UNREADABLE = "E-IMPORT-007", "module cannot be read",
        "The resolver found the module but could not read it.";
}
