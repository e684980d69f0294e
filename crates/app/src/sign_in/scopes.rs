//! The `scope` parameter: which resource a token is for, and which permissions it carries.
//!
//! Clients write one permission in several ways (`User.Read`, `https://graph.microsoft.com/User.Read`,
//! `https://localhost:8443/User.Read`, `<resource>/.default`); here they become one list in the spelling of the
//! registration. The granted list is told in the spelling of the request, because clients look their cache up with it.
//! A resource is one of the server's own APIs, or the API of a registered application (`api://<client id>/<scope>`, with or
//! without `api://`). Not here: which permissions an application has (`model::Application`), whether the member consented
//! (`applications::consent`), what each one opens (the facades).

use url::Url;

use super::refusal::{Refusal, SignInError};
use crate::{
    App, Config, links,
    model::Application,
    permissions::{CLIENTS, COMMUNICATION_MANAGE, DELEGATED_ADMINISTRATION, EXTENSION, MANAGE_CALLS, MANAGE_CHATS},
    tokens::{COMMUNICATION_AUDIENCE, COMMUNICATION_CLIENTS_AUDIENCE, GRAPH_AUDIENCE, GRAPH_AUDIENCE_URL, TEAMS_AUDIENCE},
};

const DEFAULT: &str = ".default";
/// Begins the name of a permission that belongs to an application's API.
pub(crate) const API: &str = "api://";

/// An API that tokens are made for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resource {
    /// Graph facade and signalling.
    Graph,
    /// Communication facade, called by an application or an administrator.
    Communication,
    /// The exchange of a member's token for a communication token.
    Teams,
    /// The same exchange as the common client does it by itself.
    CommunicationClients,
    /// The API of the application with this client id.
    Application(String),
}

impl Resource {
    /// The `aud` claim.
    #[must_use]
    pub fn audience(&self) -> &str {
        match self {
            Self::Graph => GRAPH_AUDIENCE,
            Self::Communication => COMMUNICATION_AUDIENCE,
            Self::Teams => TEAMS_AUDIENCE,
            Self::CommunicationClients => COMMUNICATION_CLIENTS_AUDIENCE,
            Self::Application(client_id) => client_id,
        }
    }

    /// Whether a permission, spelled as registrations spell it, means something here; a token for this resource carries no others.
    #[must_use]
    pub fn offers(&self, permission: &str) -> bool {
        match self {
            Self::Graph => {
                let elsewhere = permission == COMMUNICATION_MANAGE || CLIENTS.contains(&permission) || EXTENSION.contains(&permission);
                !elsewhere && !permission.starts_with(API)
            }
            Self::Communication => permission == COMMUNICATION_MANAGE,
            Self::Teams => matches!(permission, MANAGE_CALLS | MANAGE_CHATS) || EXTENSION.contains(&permission),
            Self::CommunicationClients => CLIENTS.contains(&permission),
            Self::Application(client_id) => {
                let name = permission.strip_prefix(API).and_then(|rest| rest.strip_prefix(client_id.as_str()));
                name.is_some_and(|name| name.starts_with('/'))
            }
        }
    }

    /// How registrations spell a permission of this resource.
    fn registered_spelling(&self, name: &str) -> String {
        match self {
            Self::Application(client_id) => format!("{API}{client_id}/{name}"),
            Self::Graph | Self::Communication | Self::Teams | Self::CommunicationClients => name.to_owned(),
        }
    }

    /// Reads the resource part of a scope. Every known origin of this server means Graph, with and without its port.
    fn parse(text: &str, apis: &[Application], config: &Config) -> Option<Self> {
        let name = text.trim_end_matches('/');
        let plain = name.strip_prefix(API).unwrap_or(name);
        let names = [
            (GRAPH_AUDIENCE, Self::Graph),
            (GRAPH_AUDIENCE_URL, Self::Graph),
            (COMMUNICATION_AUDIENCE, Self::Communication),
            (TEAMS_AUDIENCE, Self::Teams),
            (COMMUNICATION_CLIENTS_AUDIENCE, Self::CommunicationClients),
        ];
        if let Some((_, resource)) = names.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(plain)) {
            return Some(resource);
        }
        if let Some(api) = apis.iter().find(|api| api.client_id.eq_ignore_ascii_case(plain)) {
            return Some(Self::Application(api.client_id.clone()));
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

/// The client ids that a scope names as resources.
fn named_applications(scope: &str) -> Vec<String> {
    let mut named = Vec::new();
    for asked in scope.split_ascii_whitespace() {
        let resource = asked.rsplit_once('/').map_or("", |(resource, _)| resource).trim_end_matches('/');
        let plain = resource.strip_prefix(API).unwrap_or(resource);
        let id = links::parse_guid(plain).filter(|id| id != GRAPH_AUDIENCE);
        named.extend(id.filter(|id| !named.contains(id)));
    }
    named
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
    /// Reads a scope list against the registration of an application; `apis` are the applications that it names as resources.
    ///
    /// # Errors
    /// A missing scope, an unknown resource, two resources, or a permission that the registration does not carry or the resource does not know.
    pub fn parse(scope: &str, client: &Application, apis: &[Application], config: &Config) -> Result<Self, Refusal> {
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
                    let named = read.add_permission(asked, client, apis, config)?;
                    if *resource.get_or_insert_with(|| named.clone()) != named {
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

    /// The `scp` claim: names as the resource itself knows them.
    #[must_use]
    pub fn scp(&self) -> String {
        let names = self.permissions.iter().map(|permission| bare(permission));
        names.chain(self.about_the_member()).collect::<Vec<_>>().join(" ")
    }

    /// Everything that a member consents to: permissions and what is told of the member.
    #[must_use]
    pub fn consentable(&self) -> Vec<String> {
        let offline = self.offline_access.then_some("offline_access");
        let names = self.permissions.iter().map(String::as_str);
        names.chain(self.about_the_member()).chain(offline).map(str::to_owned).collect()
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

    /// Leaves out what is told of the member under these names; permissions stay.
    pub(crate) fn withhold(&mut self, names: &[String]) {
        let withheld = |name: &str| names.iter().any(|known| known == name);
        self.openid &= !withheld("openid");
        self.profile &= !withheld("profile");
        self.email &= !withheld("email");
        self.offline_access &= !withheld("offline_access");
        self.granted.retain(|name| !withheld(name));
    }

    /// A permission among these with which its holder administers the organisation.
    pub(crate) fn administration(&self) -> Option<&str> {
        let mut held = self.permissions.iter().map(String::as_str);
        held.find(|name| DELEGATED_ADMINISTRATION.contains(name))
    }

    fn about_the_member(&self) -> impl Iterator<Item = &str> {
        let wanted = [(self.openid, "openid"), (self.profile, "profile"), (self.email, "email")];
        wanted.into_iter().filter_map(|(wanted, name)| wanted.then_some(name))
    }

    fn add_permission(&mut self, asked: &str, client: &Application, apis: &[Application], config: &Config) -> Result<Resource, Refusal> {
        let (prefix, name) = asked.rsplit_once('/').map_or(("", asked), |(resource, name)| (resource, name));
        let resource = if prefix.is_empty() {
            Resource::Graph
        } else {
            Resource::parse(prefix, apis, config).ok_or_else(|| Refusal::UnknownResource(brief(prefix)))?
        };
        let registered = registered(client, &resource, apis);
        if name.eq_ignore_ascii_case(DEFAULT) {
            for permission in registered.iter().filter(|permission| resource.offers(permission)) {
                self.grant(if prefix.is_empty() {
                    permission.clone()
                } else {
                    format!("{prefix}/{}", bare(permission))
                });
                self.permit(permission);
            }
        } else {
            let wanted = resource.registered_spelling(name);
            let unknown =
                matches!(&resource, Resource::Application(id) if !apis.iter().any(|api| api.client_id == *id && api.exposes(name)));
            if unknown {
                return Err(Refusal::PermissionOfAnotherResource(brief(asked)));
            }
            let found = registered.iter().find(|known| known.eq_ignore_ascii_case(&wanted));
            let found = found.ok_or_else(|| Refusal::PermissionNotGranted(brief(name)))?;
            if !resource.offers(found) {
                return Err(Refusal::PermissionOfAnotherResource(brief(asked)));
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

/// What an application may ask members for: its registration, without scopes that an API has no longer, and the scopes of its own API.
fn registered(client: &Application, resource: &Resource, apis: &[Application]) -> Vec<String> {
    let Resource::Application(api_id) = resource else {
        return client.delegated_permissions.clone();
    };
    let Some(api) = apis.iter().find(|api| api.client_id == *api_id) else {
        return Vec::new();
    };
    let exposed = api.exposed_scopes.iter().map(|scope| resource.registered_spelling(&scope.name));
    exposed
        .filter(|name| *api_id == client.client_id || client.delegated_permissions.contains(name))
        .collect()
}

/// The name of a permission as its own resource knows it.
fn bare(permission: &str) -> &str {
    match permission.strip_prefix(API) {
        Some(rest) => rest.split_once('/').map_or(rest, |(_, name)| name),
        None => permission,
    }
}

/// A stranger's text in our sentences is kept short.
fn brief(text: &str) -> String {
    text.chars().take(160).collect()
}

/// Reads the scope of a client-credentials request: one `<resource>/.default`.
///
/// # Errors
/// Anything else, and a resource that is not ours.
pub fn application_resource(scope: &str, apis: &[Application], config: &Config) -> Result<Resource, Refusal> {
    let mut parts = scope.split_ascii_whitespace();
    let (Some(asked), None) = (parts.next(), parts.next()) else {
        return Err(if scope.trim().is_empty() {
            Refusal::MissingParameter("scope")
        } else {
            Refusal::DefaultScopeRequired(brief(scope))
        });
    };
    match asked.rsplit_once('/') {
        Some((resource, DEFAULT)) => Resource::parse(resource, apis, config).ok_or_else(|| Refusal::UnknownResource(brief(resource))),
        _ => Err(Refusal::DefaultScopeRequired(brief(asked))),
    }
}

impl App {
    /// What a scope means for an application.
    pub(crate) async fn member_scopes(&self, scope: &str, client: &Application) -> Result<MemberScopes, SignInError> {
        let apis = self.named_apis(scope).await?;
        Ok(MemberScopes::parse(scope, client, &apis, self.config())?)
    }

    /// The registered applications that a scope names as resources.
    pub(crate) async fn named_apis(&self, scope: &str) -> Result<Vec<Application>, SignInError> {
        let named = named_applications(scope);
        // One token has one resource: nobody makes the store look for hundreds.
        if named.len() > 1 {
            return Err(Refusal::SeveralResources.into());
        }
        match named.first() {
            Some(id) => Ok(self.store().application(id).await?.into_iter().collect()),
            None => Ok(Vec::new()),
        }
    }
}

#[cfg(test)]
mod tests;
