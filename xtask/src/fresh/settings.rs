//! How this machine reaches its packages: proxies, mirrors, certificates and the configuration of
//! cargo, pip, npm and apt. Passed on as found, so nothing of a particular machine is written here.
//! Registry tokens are never passed on.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Outcome;
use crate::process::{output, run as start};

/// Variables that say how to reach packages, by the beginning of their names in upper case.
const PREFIXES: &[&str] = &[
    "CARGO_HTTP_",
    "CARGO_NET_",
    "CARGO_REGISTRIES_",
    "CARGO_REGISTRY_",
    "CARGO_SOURCE_",
    "CURL_CA_BUNDLE",
    "GIT_SSL_CAINFO",
    "NODE_EXTRA_CA_CERTS",
    "NPM_CONFIG_",
    "PIP_",
    "REQUESTS_CA_BUNDLE",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "UV_",
];

const SECRETS: &[&str] = &["TOKEN", "PASSWORD", "SECRET", "AUTH"];

/// Whether a variable says how to reach packages, and is no secret.
fn is_setting(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let is_known = PREFIXES.iter().any(|prefix| name.starts_with(prefix)) || name.ends_with("_PROXY");
    is_known && !SECRETS.iter().any(|secret| name.contains(secret))
}

/// The variables to pass on.
pub(super) fn environment() -> BTreeMap<String, String> {
    std::env::vars().filter(|(name, _)| is_setting(name)).collect()
}

/// The configuration files to pass on, each with its place in the new root.
fn files(source: &Path) -> Vec<(PathBuf, PathBuf)> {
    let home = PathBuf::from(std::env::var_os("HOME").unwrap_or_else(|| "/root".into()));
    let cargo_home = std::env::var_os("CARGO_HOME").map_or_else(|| home.join(".cargo"), PathBuf::from);
    let mut found: Vec<(PathBuf, PathBuf)> = vec![];
    for name in ["config.toml", "config"] {
        found.push((cargo_home.join(name), Path::new("root/.cargo").join(name)));
        // What cargo would find above the repository, it finds above the clone.
        let above = source.ancestors().skip(1).map(|folder| folder.join(".cargo").join(name));
        found.extend(above.map(|path| (path, Path::new(".cargo").join(name))));
    }
    for name in [".config/pip/pip.conf", ".pip/pip.conf", ".npmrc", ".config/uv/uv.toml"] {
        found.push((home.join(name), Path::new("root").join(name)));
    }
    for name in
        ["etc/pip.conf", "etc/npmrc", "usr/etc/npmrc", "etc/gitconfig", "etc/resolv.conf", "etc/hosts"]
    {
        found.push((Path::new("/").join(name), name.into()));
    }
    // Files that the variables name, such as a bundle of certificates.
    for value in environment().values() {
        if let Ok(inside) = Path::new(value).strip_prefix("/")
            && inside.components().next().is_some()
        {
            found.push((value.into(), inside.to_path_buf()));
        }
    }
    found
}

/// Copies the configuration files, and of apt's those that say how to fetch.
pub(super) fn copy(source: &Path, folder: &Path) -> Outcome {
    for (from, into) in files(source) {
        let into = folder.join(into);
        if from.is_file() && !(from.starts_with("/etc/ssl") && into.exists()) {
            copy_file(&from, &into)?;
        }
    }
    for from in files_in("/etc/apt/apt.conf.d") {
        if std::fs::read_to_string(&from).is_ok_and(|text| text.contains("Acquire")) {
            copy_file(&from, &folder.join(from.strip_prefix("/").unwrap_or(&from)))?;
        }
    }
    Ok(())
}

/// Puts this machine's bundle of certificates over that of the `ca-certificates` package, together with
/// the certificates that were added by hand.
pub(super) fn copy_certificates(folder: &Path) -> Outcome {
    let bundle = Path::new("/etc/ssl/certs/ca-certificates.crt");
    for from in files_in("/usr/local/share/ca-certificates") {
        copy_file(&from, &folder.join(from.strip_prefix("/").unwrap_or(&from)))?;
    }
    if bundle.is_file() {
        copy_file(bundle, &folder.join("etc/ssl/certs/ca-certificates.crt"))?;
    }
    Ok(())
}

/// The mirror that this machine's apt uses for Debian, if it says one.
pub(super) fn mirror() -> Option<String> {
    let sources =
        files_in("/etc/apt/sources.list.d").into_iter().chain([PathBuf::from("/etc/apt/sources.list")]);
    sources.filter_map(|path| std::fs::read_to_string(path).ok()).find_map(|text| mirror_in(&text))
}

fn mirror_in(text: &str) -> Option<String> {
    let is_debian = |uri: &&str| uri.trim_end_matches('/').ends_with("/debian");
    text.lines().find_map(|line| {
        let line = line.trim();
        let uris = line.strip_prefix("URIs:").or_else(|| line.strip_prefix("deb "))?;
        uris.split_whitespace().find(is_debian).map(str::to_owned)
    })
}

/// apt's proxies as variables, for debootstrap, which does not read apt's configuration.
pub(super) fn apt_proxies() -> Outcome<Vec<(&'static str, String)>> {
    let mut found = vec![];
    for (key, variable) in [("Acquire::http::Proxy", "http_proxy"), ("Acquire::https::Proxy", "https_proxy")]
    {
        let line = output(Command::new("apt-config").args(["shell", "VALUE", key]))?;
        if let Some(value) = line.trim().strip_prefix("VALUE='").and_then(|rest| rest.strip_suffix('\'')) {
            found.push((variable, value.to_owned()));
        }
    }
    Ok(found)
}

fn files_in(folder: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| path.is_file()).collect();
    files.sort();
    files
}

fn copy_file(from: &Path, into: &Path) -> Outcome {
    println!("{}", from.display());
    if let Some(folder) = into.parent() {
        std::fs::create_dir_all(folder)
            .map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
    }
    start(Command::new("cp").args(["--dereference", "--remove-destination"]).arg(from).arg(into))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_passed_and_secrets_are_not() {
        let passed = ["https_proxy", "NO_PROXY", "PIP_INDEX_URL", "npm_config_registry", "CARGO_NET_OFFLINE"];
        assert!(passed.iter().all(|name| is_setting(name)));
        let held_back =
            ["HOME", "CARGO_HOME", "CARGO_REGISTRY_TOKEN", "npm_config__auth", "UV_PUBLISH_PASSWORD"];
        assert!(!held_back.iter().any(|name| is_setting(name)));
    }

    #[test]
    fn the_mirror_is_found_in_both_formats() {
        let old = "# deb http://a/debian x\ndeb [trusted=yes] http://b.example/debian stable main\n";
        let new = "Types: deb\nURIs: http://c.example/debian-security\n\nURIs: http://d.example/debian/\n";
        assert_eq!(mirror_in(old).as_deref(), Some("http://b.example/debian"));
        assert_eq!(mirror_in(new).as_deref(), Some("http://d.example/debian/"));
        assert_eq!(mirror_in("# nothing\n"), None);
    }
}
