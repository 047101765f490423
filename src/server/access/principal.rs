//! Who asks.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use axum::extract::ConnectInfo;
use axum::http::request::Parts;
use serde::{Serialize, Serializer};

/// Who asks: what rate limits count by and the audit log names.
///
/// Never taken from a header that anybody can write, such as `X-Forwarded-For`: whoever could choose his
/// name would have a new allowance with each.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Principal {
    /// Somebody whose name was proven, such as a token's `sub`.
    Named(Arc<str>),
    /// Nobody in particular, at this address. Of an IPv6 address it is the network (`/64`): one machine
    /// owns all the addresses in it.
    Peer(IpAddr),
    /// Nobody in particular, at an address that the server was not told. All of them are one principal.
    Unknown,
}

impl Principal {
    /// Somebody whose name was proven.
    #[must_use]
    pub fn named(name: impl Into<Arc<str>>) -> Self {
        Self::Named(name.into())
    }

    /// Nobody in particular, at this address.
    #[must_use]
    pub fn at(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V6(address) => {
                let network = u128::from(address) & !u128::from(u64::MAX);
                Self::Peer(Ipv6Addr::from(network).into())
            }
            address => Self::Peer(address),
        }
    }

    /// Who is at the other end of the connection. [`Principal::Unknown`] unless the application serves with
    /// `into_make_service_with_connect_info::<SocketAddr>()`.
    #[must_use]
    pub fn of_connection(parts: &Parts) -> Self {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        peer.map_or(Self::Unknown, |ConnectInfo(peer)| Self::at(peer.ip()))
    }
}

/// `alice`, `ip:203.0.113.7`, `unknown`. A name that looks like one of the others is quoted by the log's JSON,
/// not told apart here: issuers do not name people `ip:…`.
impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(name) => f.write_str(name),
            Self::Peer(address) => write!(f, "ip:{address}"),
            Self::Unknown => f.write_str("unknown"),
        }
    }
}

impl Serialize for Principal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(address: &str) -> Principal {
        Principal::at(address.parse().unwrap())
    }

    #[test]
    fn the_addresses_of_one_machine_are_one_principal() {
        assert_eq!(at("2001:db8::1"), at("2001:db8::ffff:1"));
        assert_ne!(at("2001:db8::1"), at("2001:db8:0:1::1"));
        assert_eq!(at("::ffff:203.0.113.7"), at("203.0.113.7"));
        assert_ne!(at("203.0.113.7"), at("203.0.113.8"));
    }

    #[test]
    fn a_principal_is_written_so_that_a_reader_knows_what_it_is() {
        let of = |principal: Principal| principal.to_string();
        assert_eq!(of(Principal::named("alice")), "alice");
        assert_eq!(of(at("203.0.113.7")), "ip:203.0.113.7");
        assert_eq!(of(Principal::Unknown), "unknown");
    }
}
