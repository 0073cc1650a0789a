//! What a run may do and how much: capabilities, limits, who asks.

use std::collections::BTreeMap;
use std::time::Duration;

use anrf_format::semantic::{AuditLevel, Performance, Security};
use serde::{Deserialize, Serialize};

/// What is permitted and how much. The stricter of this and the function's own declaration counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// Dotted paths; granting `network.http_client` grants what is below it. Nothing is granted unless
    /// it stands here.
    pub granted: Vec<String>,
    /// Dotted paths that win over any grant.
    pub denied: Vec<String>,
    /// How much.
    pub limits: Limits,
    /// Which contracts are checked at run time.
    pub contract_checks: ContractChecks,
    /// What is kept of a run, if it is more than the function asks for.
    pub audit_level: AuditLevel,
    /// Who asks; kept in the audit record.
    pub actor: Option<String>,
    /// What the host knows of the request (tenant, session, purpose); kept in the audit record.
    pub security_context: BTreeMap<String, String>,
}

/// How much a run may use. Fuel and contract budget are charges of the execution layer, which are the
/// same on every machine and backend.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Charges of the code.
    pub fuel: u64,
    /// Charges of contracts that are checked at run time.
    pub contract_budget: u64,
    /// Bytes of the values that a run has at once.
    pub memory_bytes: u64,
    /// Calls inside calls.
    pub depth: u32,
    /// Wall time; `None` is no limit.
    pub wall_time: Option<Duration>,
    /// Bytes of the journal and the logs. The answer of the host that goes beyond is the last entry.
    pub journal_bytes: u64,
    /// Attempts to invoke host operations.
    pub host_calls: u64,
    /// Bytes of what is given to and answered by host operations.
    pub host_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            fuel: 1_000_000_000,
            contract_budget: 1_000_000_000,
            memory_bytes: 256 << 20,
            depth: 10_000,
            wall_time: None,
            journal_bytes: 16 << 20,
            host_calls: 10_000,
            host_bytes: 64 << 20,
        }
    }
}

/// Which contracts are checked at run time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ContractChecks {
    /// Those that are not proved.
    #[default]
    Unproved,
    /// All of them.
    Always,
    /// None but what guards the entry and the host's answers.
    Never,
}

impl Policy {
    /// Grants a capability and all below it.
    #[must_use]
    pub fn grant(mut self, capability: impl Into<String>) -> Self {
        self.granted.push(capability.into());
        self
    }

    /// Denies a capability and all below it, whatever is granted.
    #[must_use]
    pub fn deny(mut self, capability: impl Into<String>) -> Self {
        self.denied.push(capability.into());
        self
    }

    /// Sets the limits.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets who asks.
    #[must_use]
    pub fn actor(mut self, actor: impl Into<String>) -> Self {
        self.actor = Some(actor.into());
        self
    }

    /// The first capability that the function needs and this Policy does not give.
    #[must_use]
    pub fn missing<'a>(&self, security: &'a Security) -> Option<&'a str> {
        let denied = |capability: &str| {
            let lists = self.denied.iter().chain(&security.denied_capabilities);
            lists.into_iter().any(|denied| covers(denied, capability))
        };
        security
            .capabilities_required
            .iter()
            .find(|needed| denied(needed) || !self.granted.iter().any(|granted| covers(granted, needed)))
            .map(|needed| &**needed)
    }
}

/// Whether a dotted path is another one or stands above it: `network` covers `network.http_client`, but
/// `net` does not.
#[must_use]
pub fn covers(granted: &str, capability: &str) -> bool {
    capability.strip_prefix(granted).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

impl Limits {
    /// The stricter of these and what a function declares for itself.
    #[must_use]
    pub fn within(&self, performance: &Performance) -> Self {
        let memory =
            performance.memory_limit_mb.map_or(u64::MAX, |mebibytes| mebibytes.saturating_mul(1 << 20));
        let time = performance.timeout_seconds.map(Duration::from_secs);
        Self {
            memory_bytes: self.memory_bytes.min(memory),
            wall_time: match (self.wall_time, time) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            },
            ..self.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_covers_what_is_below_it() {
        assert!(covers("network.http_client", "network.http_client.stripe.com"));
        assert!(covers("network", "network"));
        assert!(!covers("net", "network"));
        assert!(!covers("network.http_client", "network"));
    }

    #[test]
    fn a_denial_wins_over_any_grant() {
        let needs = |capability: &str| Security {
            capabilities_required: vec![capability.into()],
            ..Security::default()
        };
        let policy = Policy::default().grant("network").deny("network.server");
        assert_eq!(policy.missing(&needs("network.client")), None);
        assert_eq!(policy.missing(&needs("network.server.http")), Some("network.server.http"));
        assert_eq!(policy.missing(&needs("disk")), Some("disk"));
    }

    #[test]
    fn the_stricter_limit_counts() {
        let performance =
            Performance { memory_limit_mb: Some(1), timeout_seconds: Some(2), ..Performance::default() };
        let limits =
            Limits { wall_time: Some(Duration::from_secs(1)), ..Limits::default() }.within(&performance);
        assert_eq!((limits.memory_bytes, limits.wall_time), (1 << 20, Some(Duration::from_secs(1))));
    }
}
