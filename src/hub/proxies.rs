//! The proxies that the environment names, by the rules of httpx, with which the Hugging Face library
//! for Python connects: one for each scheme, and `NO_PROXY` with ports, networks and suffixes.

use std::env;
use std::net::IpAddr;

use ureq::Proxy;
use ureq::http::Uri;

/// The proxies, and the addresses that are reached without one.
#[derive(Debug, Default)]
pub(super) struct Proxies {
    http: Option<Proxy>,
    https: Option<Proxy>,
    exceptions: Vec<Exception>,
}

impl Proxies {
    /// Reads `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`; the names in lower case come first.
    pub(super) fn from_env() -> Proxies {
        Proxies::new(|name| {
            let own = env::var(name).ok();
            own.or_else(|| env::var(name.to_uppercase()).ok())
        })
    }

    /// Returns the proxies of variables, which are given in lower case.
    fn new(variable: impl Fn(&str) -> Option<String>) -> Proxies {
        let proxy = |name: &str| {
            let address = variable(name).filter(|address| !address.is_empty())?;
            let address = match address.contains("://") {
                true => address,
                false => format!("http://{address}"),
            };
            Proxy::new(&address).ok()
        };
        let exceptions = variable("no_proxy").unwrap_or_default();
        Proxies {
            http: proxy("http_proxy").or_else(|| proxy("all_proxy")),
            https: proxy("https_proxy").or_else(|| proxy("all_proxy")),
            exceptions: exceptions.split(',').filter_map(Exception::read).collect(),
        }
    }

    /// Returns the proxy through which an address is reached.
    pub(super) fn of(&self, url: &Uri) -> Option<&Proxy> {
        let is_https = url.scheme_str() == Some("https");
        let proxy = if is_https { &self.https } else { &self.http };
        let is_direct = || self.exceptions.iter().any(|entry| entry.covers(url));
        proxy.as_ref().filter(|_| !is_direct())
    }
}

/// An entry of `NO_PROXY`.
#[derive(Debug, PartialEq, Eq)]
struct Exception {
    /// `None` for all.
    scheme: Option<String>,
    host: HostPattern,
    port: Option<u16>,
}

/// The hosts of an entry, in lower case.
#[derive(Debug, PartialEq, Eq)]
enum HostPattern {
    Any,
    /// Addresses that have these first bits.
    Network(IpAddr, u8),
    Exact(String),
    /// The hosts below a domain.
    Below(String),
    /// A domain and the hosts below it.
    Domain(String),
}

impl Exception {
    /// Reads an entry; `None` for one that is malformed, which is no entry.
    fn read(entry: &str) -> Option<Exception> {
        let entry = entry.trim().to_lowercase();
        let (scheme, rest) = match entry.split_once("://") {
            Some((scheme, rest)) => (Some(scheme), rest),
            None => (None, &*entry),
        };
        if let Some(network) = network(rest) {
            return Some(Exception::new(scheme, network, None));
        }
        // An address has a path that does not count; a name has none.
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (host, port) = match authority.parse::<IpAddr>() {
            Ok(_) => (authority, None),
            Err(_) => host_and_port(authority)?,
        };
        let is_malformed = !path.is_empty() && (scheme.is_none() || host.parse::<IpAddr>().is_ok());
        if is_malformed || (scheme.is_none() && host.is_empty()) {
            return None;
        }
        // Of `localhost`, there are no hosts below it.
        let is_local = host == "localhost" && port.is_none();
        let hosts = match is_local {
            true => HostPattern::Exact(host.to_owned()),
            false => hosts(host, scheme.is_some()),
        };
        Some(Exception::new(scheme, hosts, port))
    }

    fn new(scheme: Option<&str>, host: HostPattern, port: Option<u16>) -> Exception {
        let scheme = scheme.filter(|scheme| *scheme != "all");
        Exception {
            scheme: scheme.map(str::to_owned),
            host,
            port,
        }
    }

    /// Returns true if an address is of this entry.
    fn covers(&self, url: &Uri) -> bool {
        let own = url.scheme_str().unwrap_or_default();
        // httpx does not know the port of an address without one, and reaches it through the proxy; who
        // names the port of a scheme means such addresses, too.
        let usual = if own == "https" { 443 } else { 80 };
        let port = url.port_u16().unwrap_or(usual);
        self.scheme.as_deref().is_none_or(|scheme| scheme == own)
            && self.port.is_none_or(|wanted| wanted == port)
            && url.host().is_some_and(|host| self.host.covers(host))
    }
}

impl HostPattern {
    fn covers(&self, host: &str) -> bool {
        let host = host.trim_matches(['[', ']']).to_lowercase();
        let address = host.parse::<IpAddr>().ok();
        let is_below = |domain: &str| {
            let name = host.strip_suffix(domain);
            name.is_some_and(|name| name.len() > 1 && name.ends_with('.'))
        };
        match self {
            HostPattern::Any => true,
            HostPattern::Network(of, bits) => {
                address.is_some_and(|address| first_bits(address, *bits) == first_bits(*of, *bits))
            }
            HostPattern::Exact(name) => {
                let own = name.parse::<IpAddr>().ok();
                *name == host || (own.is_some() && own == address)
            }
            HostPattern::Below(domain) => is_below(domain),
            HostPattern::Domain(domain) => *domain == host || is_below(domain),
        }
    }
}

/// Returns the hosts of a name: of an address with a scheme exactly that one, else the domain.
fn hosts(name: &str, is_address: bool) -> HostPattern {
    let is_one = is_address || name.parse::<IpAddr>().is_ok();
    match name.strip_prefix('*') {
        Some("") => HostPattern::Any,
        Some(rest) if rest.starts_with('.') => HostPattern::Below(rest[1..].to_owned()),
        Some(rest) if is_address => HostPattern::Domain(rest.to_owned()),
        _ if name.is_empty() => HostPattern::Any,
        _ if is_one => HostPattern::Exact(name.to_owned()),
        _ => match name.strip_prefix('.') {
            Some(domain) => HostPattern::Below(domain.to_owned()),
            None => HostPattern::Domain(name.to_owned()),
        },
    }
}

/// Reads `10.0.0.0/8`, `fd00::/8` or `[fd00::]/8`.
fn network(text: &str) -> Option<HostPattern> {
    let (address, bits) = text.split_once('/')?;
    let bare = address.strip_prefix('[').and_then(|a| a.strip_suffix(']'));
    let address: IpAddr = bare.unwrap_or(address).parse().ok()?;
    let bits = bits.parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    (bits <= most).then_some(HostPattern::Network(address, bits))
}

/// Splits `host:port`, `[address]:port` or a host alone, which is returned without brackets.
fn host_and_port(authority: &str) -> Option<(&str, Option<u16>)> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (host, rest) = rest.split_once(']')?;
            (
                host,
                rest.strip_prefix(':').or(rest.is_empty().then_some(""))?,
            )
        }
        None => authority.split_once(':').unwrap_or((authority, "")),
    };
    match port {
        "" => Some((host, None)),
        port => Some((host, Some(port.parse().ok()?))),
    }
}

/// Returns the first bits of an address with the length of its kind.
fn first_bits(address: IpAddr, bits: u8) -> (u128, u32) {
    let (all, length) = match address {
        IpAddr::V4(address) => (u128::from(address.to_bits()), 32),
        IpAddr::V6(address) => (address.to_bits(), 128),
    };
    let rest = length - u32::from(bits);
    (all.checked_shr(rest).unwrap_or(0), length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(variables: &[(&str, &str)]) -> Proxies {
        Proxies::new(|name| {
            let own = variables.iter().find(|(own, _)| *own == name);
            own.map(|(_, value)| (*value).to_owned())
        })
    }

    fn host(variables: &[(&str, &str)], url: &str) -> Option<String> {
        let proxies = proxies(variables);
        let proxy = proxies.of(&url.parse().unwrap());
        proxy.map(|proxy| proxy.host().to_owned())
    }

    /// The answers are those of httpx for the same variables, except where it is said.
    #[test]
    fn addresses_without_a_proxy() {
        for (entries, direct, through) in [
            (
                "hub.co",
                "https://hub.co https://a.hub.co http://a.b.hub.co:8",
                "https://ahub.co https://hub.co.uk",
            ),
            ("HUB.co", "https://hub.CO", "https://co"),
            (
                ".hub.co",
                "https://a.hub.co",
                "https://hub.co https://ahub.co",
            ),
            (
                "*.hub.co",
                "https://a.hub.co",
                "https://hub.co https://ahub.co",
            ),
            ("*hub.co", "", "https://hub.co https://ahub.co"),
            ("*", "https://hub.co http://10.1.2.3", ""),
            ("a, *", "https://hub.co", ""),
            (
                "a , hub.co,",
                "https://hub.co https://a https://b.a",
                "https://b",
            ),
            ("", "", "https://hub.co"),
            (
                "hub.co:8443",
                "https://hub.co:8443 http://a.hub.co:8443",
                "https://hub.co https://hub.co:844",
            ),
            (
                "localhost",
                "http://localhost http://localhost:8",
                "http://a.localhost",
            ),
            (
                "localhost:8",
                "http://localhost:8 http://a.localhost:8",
                "http://localhost",
            ),
            (
                "10.0.0.0/8",
                "http://10.1.2.3 https://10.255.0.1:8",
                "http://11.0.0.1 http://hub.co",
            ),
            ("10.9.9.9/8", "http://10.1.2.3", "http://11.0.0.1"),
            ("192.168.4.0/22", "http://192.168.7.1", "http://192.168.8.1"),
            ("0.0.0.0/0", "http://1.2.3.4", "http://[::1] http://hub.co"),
            (
                "10.1.2.3",
                "http://10.1.2.3 http://10.1.2.3:8",
                "http://10.1.2.4 http://a.10.1.2.3",
            ),
            ("10.1.2.3:8", "http://10.1.2.3:8", "http://10.1.2.3"),
            ("::1", "http://[::1] http://[::1]:8", "http://[::2]"),
            ("[::1]", "http://[::1]", "http://[::2]"),
            ("[::1]:8", "http://[::1]:8", "http://[::1]"),
            (
                "fd00::/8",
                "http://[fd12::1]",
                "http://[fe80::1] http://253.0.0.1",
            ),
            ("[fd00::]/8", "http://[fd12::1]", "http://[fe80::1]"),
            ("10.0.0.0/33,10.0.0.0/x", "", "http://10.0.0.1"),
            ("hub.co/x,hub.co:x", "", "https://hub.co"),
            (
                "http://hub.co",
                "http://hub.co",
                "https://hub.co http://a.hub.co",
            ),
            ("all://hub.co:8", "https://hub.co:8", "https://hub.co"),
            (
                "https://*hub.co",
                "https://hub.co https://a.hub.co",
                "http://hub.co",
            ),
            ("http://10.0.0.0/8", "http://10.0.0.1", "https://10.0.0.1"),
            // Here, httpx goes through the proxy.
            (
                "hub.co:443",
                "https://hub.co",
                "http://hub.co https://hub.co:8443",
            ),
        ] {
            let variables = [("all_proxy", "http://proxy:1"), ("no_proxy", entries)];
            for url in direct.split_whitespace() {
                assert_eq!(host(&variables, url), None, "{entries}: {url}");
            }
            for url in through.split_whitespace() {
                let found = host(&variables, url);
                assert_eq!(found.as_deref(), Some("proxy"), "{entries}: {url}");
            }
        }
    }

    #[test]
    fn each_scheme_has_its_proxy() {
        let all = ("all_proxy", "socks5h://all:1");
        let http = ("http_proxy", "plain:1");
        let https = ("https_proxy", "http://me:secret@secure:1");
        for (variables, of_http, of_https) in [
            (&[all, http, https][..], Some("plain"), Some("secure")),
            (&[all, http], Some("plain"), Some("all")),
            (&[https], None, Some("secure")),
            (&[http], Some("plain"), None),
            (&[("all_proxy", "")], None, None),
            (&[("http_proxy", ""), all], Some("all"), Some("all")),
            (&[], None, None),
        ] {
            assert_eq!(host(variables, "http://hub.co").as_deref(), of_http);
            assert_eq!(host(variables, "https://hub.co").as_deref(), of_https);
        }
        let proxies = proxies(&[https]);
        let proxy = proxies.of(&"https://hub.co".parse().unwrap()).unwrap();
        assert_eq!(
            (proxy.username(), proxy.password()),
            (Some("me"), Some("secret"))
        );
    }
}
