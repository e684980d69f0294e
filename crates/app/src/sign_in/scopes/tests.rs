//! The spellings of scopes, and what is granted for which resource.

use super::*;
use crate::model::ExposedScope;

const CLIENT: &str = "11111111-0000-4000-8000-000000000000";
const API_ID: &str = "22222222-0000-4000-8000-000000000000";

fn config() -> Config {
    Config {
        public_origin: "http://127.0.0.1:8080".to_owned(),
        known_origins: vec!["https://localhost:8443".to_owned()],
        signal_url: "ws://127.0.0.1:8080/signal".to_owned(),
        region: "here".to_owned(),
        relay: None,
    }
}

fn client(permissions: &[&str]) -> Application {
    Application {
        client_id: CLIENT.to_owned(),
        delegated_permissions: permissions.iter().map(|&name| name.to_owned()).collect(),
        ..Application::default()
    }
}

fn registered() -> Vec<String> {
    ["User.Read", "OnlineMeetings.ReadWrite", "Teams.ManageCalls"]
        .map(str::to_owned)
        .to_vec()
}

fn member(scope: &str) -> Result<MemberScopes, Refusal> {
    MemberScopes::parse(
        scope,
        &client(&["User.Read", "OnlineMeetings.ReadWrite", "Teams.ManageCalls"]),
        &[],
        &config(),
    )
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
    let client = client(&["User.Read", "Teams.ManageCalls", "Communication.Manage.All"]);
    for (resource, expected) in [
        ("https://graph.microsoft.com", vec!["User.Read", "Teams.ManageCalls"]),
        ("https://auth.msft.communication.azure.com", vec!["Teams.ManageCalls"]),
        ("https://communication.azure.com/", vec!["Communication.Manage.All"]),
    ] {
        let read = MemberScopes::parse(&format!("{resource}/.default"), &client, &[], &config()).expect(resource);
        assert_eq!(read.permissions, expected, "{resource}");
    }
}

#[test]
fn a_permission_is_granted_for_its_own_resource_only() {
    let client = client(&[
        "User.Read",
        "Teams.ManageCalls",
        "Communication.Manage.All",
        "VoIP",
        "TeamsExtension.ManageCalls",
    ]);
    let read = |scope: &str| MemberScopes::parse(scope, &client, &[], &config());
    for (scope, resource) in [
        ("https://communication.azure.com/clients/VoIP", Resource::CommunicationClients),
        ("https://communication.azure.com/clients/.default", Resource::CommunicationClients),
        (
            "https://auth.msft.communication.azure.com/TeamsExtension.ManageCalls",
            Resource::Teams,
        ),
        ("https://communication.azure.com/Communication.Manage.All", Resource::Communication),
        ("https://auth.msft.communication.azure.com/Teams.ManageCalls", Resource::Teams),
        ("Teams.ManageCalls", Resource::Graph),
        ("User.Read", Resource::Graph),
    ] {
        assert_eq!(read(scope).map(|read| read.resource), Ok(resource), "{scope}");
    }
    for scope in [
        "https://communication.azure.com/User.Read",
        "https://communication.azure.com/VoIP",
        "https://communication.azure.com/clients/Teams.ManageCalls",
        "VoIP",
        "TeamsExtension.ManageCalls",
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
        assert_eq!(application_resource(scope, &[], &config()), Ok(Resource::Graph), "{scope}");
    }
    assert_eq!(
        application_resource("https://communication.azure.com//.default", &[], &config()),
        Ok(Resource::Communication)
    );
    for scope in ["User.Read", "https://graph.microsoft.com/User.Read", "a/.default b/.default"] {
        assert!(
            matches!(application_resource(scope, &[], &config()), Err(Refusal::DefaultScopeRequired(_))),
            "{scope}"
        );
    }
    assert_eq!(
        application_resource("https://example.org/.default", &[], &config()),
        Err(Refusal::UnknownResource("https://example.org".to_owned()))
    );
    assert_eq!(application_resource(" ", &[], &config()), Err(Refusal::MissingParameter("scope")));
}

#[test]
fn an_applications_own_api_is_asked_for_by_its_client_id_in_every_spelling() {
    let api = Application {
        client_id: API_ID.to_owned(),
        exposed_scopes: vec![ExposedScope {
            name: "access_as_user".to_owned(),
            description: String::new(),
        }],
        ..Application::default()
    };
    let permission = format!("api://{API_ID}/access_as_user");
    let client = client(&["User.Read", &permission, &format!("api://{API_ID}/gone")]);
    let read = |scope: &str| MemberScopes::parse(scope, &client, std::slice::from_ref(&api), &config());
    for prefix in [format!("api://{API_ID}"), API_ID.to_owned(), API_ID.to_uppercase()] {
        for name in ["access_as_user", ".default"] {
            let read = read(&format!("openid {prefix}/{name}")).expect(name);
            assert_eq!(read.resource, Resource::Application(API_ID.to_owned()));
            assert_eq!(
                (read.scp().as_str(), &read.permissions),
                ("access_as_user openid", &vec![permission.clone()])
            );
            assert!(read.granted().contains(&format!("{prefix}/access_as_user")));
        }
    }
    assert!(matches!(
        read(&format!("{API_ID}/gone")),
        Err(Refusal::PermissionOfAnotherResource(_))
    ));
    assert!(matches!(
        read(&format!("{API_ID}/access_as_user User.Read")),
        Err(Refusal::SeveralResources)
    ));
    let stranger = Application::default();
    let refused = MemberScopes::parse(&permission, &stranger, std::slice::from_ref(&api), &config());
    assert_eq!(refused, Err(Refusal::PermissionNotGranted("access_as_user".to_owned())));
    assert_eq!(
        MemberScopes::parse(&permission, &client, &[], &config()),
        Err(Refusal::UnknownResource(format!("api://{API_ID}")))
    );
    let own = MemberScopes::parse(&permission, &api, std::slice::from_ref(&api), &config()).expect("its own scope");
    assert_eq!(own.permissions, [permission]);
}

#[test]
fn the_applications_that_a_scope_names_are_found_once_each() {
    let scope = format!("openid User.Read api://{API_ID}/a {API_ID}/b {GRAPH_AUDIENCE}/User.Read api://words/x");
    assert_eq!(named_applications(&scope), [API_ID]);
}
