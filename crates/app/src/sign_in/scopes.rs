//! The `scope` parameter: which resource a token is for, and which permissions it carries.
//!
//! Clients write one permission in several ways (`User.Read`, `https://graph.microsoft.com/User.Read`,
//! `https://localhost:8443/User.Read`, `<resource>/.default`); here they become one list in the spelling of the
//! registration. The granted list is told in the spelling of the request, because clients look their cache up with it.
//! Not here: which permissions an application has (`model::Application`), what each one opens (the facades).

use url::Url;

use super::refusal::Refusal;
use crate::{
    Config,
    permissions::{COMMUNICATION_MANAGE, MANAGE_CALLS, MANAGE_CHATS},
    tokens::{COMMUNICATION_AUDIENCE, GRAPH_AUDIENCE, GRAPH_AUDIENCE_URL, TEAMS_AUDIENCE},
};

const DEFAULT: &str = ".default";

/// An API that tokens are made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    /// Graph facade and signalling.
    Graph,
    /// Communication facade, called by an application or an administrator.
    Communication,
    /// The exchange of a member's token for a communication token.
    Teams,
}

impl Resource {
    /// The `aud` claim.
    #[must_use]
    pub fn audience(self) -> &'static str {
        match self {
            Self::Graph => GRAPH_AUDIENCE,
            Self::Communication => COMMUNICATION_AUDIENCE,
            Self::Teams => TEAMS_AUDIENCE,
        }
    }

    /// Whether a permission means something here; a token for this resource carries no others.
    #[must_use]
    pub fn offers(self, permission: &str) -> bool {
        match self {
            Self::Graph => permission != COMMUNICATION_MANAGE,
            Self::Communication => permission == COMMUNICATION_MANAGE,
            Self::Teams => matches!(permission, MANAGE_CALLS | MANAGE_CHATS),
        }
    }

    /// Reads the resource part of a scope. Every known origin of this server means Graph, with and without its port.
    fn parse(text: &str, config: &Config) -> Option<Self> {
        let name = text.trim_end_matches('/');
        let plain = name.strip_prefix("api://").unwrap_or(name);
        let names = [
            (GRAPH_AUDIENCE, Self::Graph),
            (GRAPH_AUDIENCE_URL, Self::Graph),
            (COMMUNICATION_AUDIENCE, Self::Communication),
            (TEAMS_AUDIENCE, Self::Teams),
        ];
        if let Some((_, resource)) = names.iter().find(|(known, _)| known.eq_ignore_ascii_case(plain)) {
            return Some(*resource);
        }
        let asked = Url::parse(name).ok()?;
        let ours = config.origins().filter_map(|origin| Url::parse(origin).ok()).any(|known| {
            let same_port = asked.port_or_known_default() == known.port_or_known_default();
            known.host() == asked.host() && (asked.port().is_none() || same_port)
        });
        let bare = matches!(asked.scheme(), "http" | "https") && asked.path() == "/" && asked.query().is_none();
        (ours && bare).then_some(Self::Graph)
    }
}

/// What a member's application asked for, resolved against its registration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberScopes {
    /// Which API the access token is for.
    pub resource: Resource,
    /// Permissions in the spelling of the registration, without duplicates, in the order asked.
    pub permissions: Vec<String>,
    /// An identity token is wanted.
    pub openid: bool,
    /// Name and user name are wanted.
    pub profile: bool,
    /// The mail address is wanted.
    pub email: bool,
    /// A refresh token is wanted.
    pub offline_access: bool,
    granted: Vec<String>,
}

impl MemberScopes {
    /// Reads a scope list against the permissions of a registration.
    ///
    /// # Errors
    /// A missing scope, an unknown resource, two resources, or a permission that the registration does not carry or the resource does not know.
    pub fn parse(scope: &str, registered: &[String], config: &Config) -> Result<Self, Refusal> {
        let mut read = Self {
            resource: Resource::Graph,
            permissions: Vec::new(),
            openid: false,
            profile: false,
            email: false,
            offline_access: false,
            granted: Vec::new(),
        };
        let mut resource = None;
        for asked in scope.split_ascii_whitespace() {
            match asked {
                "openid" => read.openid = true,
                "profile" => read.profile = true,
                "email" => read.email = true,
                "offline_access" => read.offline_access = true,
                _ => {
                    let named = read.add_permission(asked, registered, config)?;
                    if *resource.get_or_insert(named) != named {
                        return Err(Refusal::SeveralResources);
                    }
                    continue;
                }
            }
            read.grant(asked.to_owned());
        }
        if read.granted.is_empty() {
            return Err(Refusal::MissingParameter("scope"));
        }
        read.resource = resource.unwrap_or(Resource::Graph);
        Ok(read)
    }

    /// The `scp` claim.
    #[must_use]
    pub fn scp(&self) -> String {
        let signs_in = [(self.openid, "openid"), (self.profile, "profile"), (self.email, "email")];
        let names = self.permissions.iter().map(String::as_str);
        names
            .chain(signs_in.into_iter().filter_map(|(wanted, name)| wanted.then_some(name)))
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// The granted list, each scope spelled as it was asked for.
    #[must_use]
    pub fn granted(&self) -> String {
        self.granted.join(" ")
    }

    /// Whether the token carries this permission.
    #[must_use]
    pub fn permits(&self, permission: &str) -> bool {
        self.permissions.iter().any(|held| held == permission)
    }

    fn add_permission(&mut self, asked: &str, registered: &[String], config: &Config) -> Result<Resource, Refusal> {
        let (prefix, name) = asked.rsplit_once('/').map_or(("", asked), |(resource, name)| (resource, name));
        let resource = if prefix.is_empty() {
            Resource::Graph
        } else {
            Resource::parse(prefix, config).ok_or_else(|| Refusal::UnknownResource(prefix.to_owned()))?
        };
        if name.eq_ignore_ascii_case(DEFAULT) {
            for permission in registered.iter().filter(|permission| resource.offers(permission)) {
                self.grant(if prefix.is_empty() {
                    permission.clone()
                } else {
                    format!("{prefix}/{permission}")
                });
                self.permit(permission);
            }
        } else {
            let found = registered.iter().find(|known| known.eq_ignore_ascii_case(name));
            let found = found.ok_or_else(|| Refusal::PermissionNotGranted(name.to_owned()))?;
            if !resource.offers(found) {
                return Err(Refusal::PermissionOfAnotherResource(asked.to_owned()));
            }
            self.permit(found);
        }
        self.grant(asked.to_owned());
        Ok(resource)
    }

    fn permit(&mut self, permission: &String) {
        if !self.permissions.contains(permission) {
            self.permissions.push(permission.clone());
        }
    }

    fn grant(&mut self, scope: String) {
        if !self.granted.contains(&scope) {
            self.granted.push(scope);
        }
    }
}

/// Reads the scope of a client-credentials request: one `<resource>/.default`.
///
/// # Errors
/// Anything else, and a resource that is not ours.
pub fn application_resource(scope: &str, config: &Config) -> Result<Resource, Refusal> {
    let mut parts = scope.split_ascii_whitespace();
    let (Some(asked), None) = (parts.next(), parts.next()) else {
        return Err(if scope.trim().is_empty() {
            Refusal::MissingParameter("scope")
        } else {
            Refusal::DefaultScopeRequired(scope.to_owned())
        });
    };
    match asked.rsplit_once('/') {
        Some((resource, DEFAULT)) => Resource::parse(resource, config).ok_or_else(|| Refusal::UnknownResource(resource.to_owned())),
        _ => Err(Refusal::DefaultScopeRequired(asked.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> Config {
        Config {
            public_origin: "http://127.0.0.1:8080".to_owned(),
            known_origins: vec!["https://localhost:8443".to_owned()],
            signal_url: "ws://127.0.0.1:8080/signal".to_owned(),
            region: "here".to_owned(),
            relay: None,
        }
    }

    fn registered() -> Vec<String> {
        ["User.Read", "OnlineMeetings.ReadWrite", "Teams.ManageCalls"]
            .map(str::to_owned)
            .to_vec()
    }

    fn member(scope: &str) -> Result<MemberScopes, Refusal> {
        MemberScopes::parse(scope, &registered(), &config())
    }

    #[test]
    fn one_permission_is_understood_in_every_spelling() {
        for spelling in [
            "user.read",
            "https://graph.microsoft.com/User.Read",
            "https://localhost:8443/User.Read",
            "https://localhost/User.Read",
            "00000003-0000-0000-c000-000000000000/User.Read",
        ] {
            let read = member(&format!("openid {spelling}")).expect(spelling);
            assert_eq!(read.permissions, ["User.Read"], "{spelling}");
            assert_eq!(read.granted(), format!("openid {spelling}"));
            assert_eq!(read.scp(), "User.Read openid");
        }
    }

    #[test]
    fn default_grants_what_is_registered_and_says_so_in_the_spelling_of_the_request() {
        let read = member("https://graph.microsoft.com/.default").expect("default");
        assert_eq!(read.permissions, registered());
        assert!(read.granted().contains("https://graph.microsoft.com/Teams.ManageCalls"));
        assert!(read.granted().ends_with("https://graph.microsoft.com/.default"));
        assert!(read.permits("Teams.ManageCalls"));
    }

    #[test]
    fn a_permission_outside_the_registration_is_refused() {
        assert_eq!(
            member("User.Read User.Read.All"),
            Err(Refusal::PermissionNotGranted("User.Read.All".to_owned()))
        );
    }

    #[test]
    fn a_foreign_resource_and_a_foreign_port_are_refused() {
        for scope in [
            "https://example.org/User.Read",
            "https://localhost:9999/User.Read",
            "ftp://localhost/User.Read",
        ] {
            assert!(matches!(member(scope), Err(Refusal::UnknownResource(_))), "{scope}");
        }
    }

    #[test]
    fn default_grants_the_permissions_of_the_named_resource_only() {
        let registered = ["User.Read", "Teams.ManageCalls", "Communication.Manage.All"].map(str::to_owned);
        for (resource, expected) in [
            ("https://graph.microsoft.com", vec!["User.Read", "Teams.ManageCalls"]),
            ("https://auth.msft.communication.azure.com", vec!["Teams.ManageCalls"]),
            ("https://communication.azure.com/", vec!["Communication.Manage.All"]),
        ] {
            let read = MemberScopes::parse(&format!("{resource}/.default"), &registered, &config()).expect(resource);
            assert_eq!(read.permissions, expected, "{resource}");
        }
    }

    #[test]
    fn a_permission_is_granted_for_its_own_resource_only() {
        let registered = ["User.Read", "Teams.ManageCalls", "Communication.Manage.All"].map(str::to_owned);
        let read = |scope: &str| MemberScopes::parse(scope, &registered, &config());
        for (scope, resource) in [
            ("https://communication.azure.com/Communication.Manage.All", Resource::Communication),
            ("https://auth.msft.communication.azure.com/Teams.ManageCalls", Resource::Teams),
            ("Teams.ManageCalls", Resource::Graph),
            ("User.Read", Resource::Graph),
        ] {
            assert_eq!(read(scope).map(|read| read.resource), Ok(resource), "{scope}");
        }
        for scope in [
            "https://communication.azure.com/User.Read",
            "https://communication.azure.com/Teams.ManageCalls",
            "https://auth.msft.communication.azure.com/User.Read",
            "https://graph.microsoft.com/Communication.Manage.All",
            "Communication.Manage.All",
        ] {
            assert_eq!(read(scope), Err(Refusal::PermissionOfAnotherResource(scope.to_owned())));
        }
    }

    #[test]
    fn one_token_serves_one_resource() {
        let scope = "User.Read https://auth.msft.communication.azure.com/Teams.ManageCalls";
        assert_eq!(member(scope), Err(Refusal::SeveralResources));
        let alone = member("https://auth.msft.communication.azure.com/Teams.ManageCalls").expect("one resource");
        assert_eq!(alone.resource, Resource::Teams);
    }

    #[test]
    fn an_application_asks_by_default_only() {
        for scope in [
            "https://localhost/.default",
            "https://localhost:8443/.default",
            "https://graph.microsoft.com/.default",
            "http://127.0.0.1:8080/.default",
        ] {
            assert_eq!(application_resource(scope, &config()), Ok(Resource::Graph), "{scope}");
        }
        assert_eq!(
            application_resource("https://communication.azure.com//.default", &config()),
            Ok(Resource::Communication)
        );
        for scope in ["User.Read", "https://graph.microsoft.com/User.Read", "a/.default b/.default"] {
            assert!(
                matches!(application_resource(scope, &config()), Err(Refusal::DefaultScopeRequired(_))),
                "{scope}"
            );
        }
        assert_eq!(
            application_resource("https://example.org/.default", &config()),
            Err(Refusal::UnknownResource("https://example.org".to_owned()))
        );
        assert_eq!(application_resource(" ", &config()), Err(Refusal::MissingParameter("scope")));
    }
}
