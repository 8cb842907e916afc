//! Issuer by issuer, with the documented claims and keys of each; docs/authenticate-users.md has the
//! settings.

use serde_json::{Value, json};

use super::issuer::Issuer;
use super::keys::{jwk, set, sign};
use super::{ask, world};

/// A key's name, more members of its public form, and the token's header.
type Signing = (&'static str, Value, Value);

/// An issuer, how it signs, the settings of docs/authenticate-users.md, and tokens with their outcomes.
type Row = (&'static str, Signing, [(&'static str, &'static str); 2], Vec<(Value, Option<&'static str>)>);

const ISSUER: &str = "AUTH_JWT_ISSUER";
const AUDIENCE: &str = "AUTH_JWT_AUDIENCE";

fn rs256() -> Signing {
    (
        "rsa",
        json!({"kid": "k", "use": "sig", "alg": "RS256"}),
        json!({"alg": "RS256", "kid": "k", "typ": "JWT"}),
    )
}

fn es256() -> Signing {
    let key = json!({"kid": "k", "use": "sig", "alg": "ES256", "key_ops": ["verify"], "ext": true});
    ("p256", key, json!({"alg": "ES256", "kid": "k", "typ": "JWT"}))
}

const OTHER_ISSUER: Option<&str> = Some("another issuer");
const OTHER_AUDIENCE: Option<&str> = Some("another audience");
const NO_USER: Option<&str> = Some("no user ID");

/// Returns issuers with a user database.
fn user_databases() -> Vec<Row> {
    let supabase = "https://abcdefghijklmnop.supabase.co/auth/v1";
    let better_auth = "https://app.example.com";
    let clerk = "https://clerk.example.com";
    let firebase = "https://securetoken.google.com/my-project";
    let user_pool = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Ab12Cd34E";
    vec![
        (
            "Supabase",
            es256(),
            [(ISSUER, supabase), (AUDIENCE, "authenticated")],
            vec![
                (json!({"iss": supabase, "aud": "authenticated", "sub": "u", "role": "authenticated"}), None),
                (json!({"iss": supabase, "aud": "authenticated", "sub": "u", "is_anonymous": true}), None),
                (
                    json!({"iss": "https://another.supabase.co/auth/v1", "aud": "authenticated", "sub": "u"}),
                    OTHER_ISSUER,
                ),
                (json!({"iss": supabase, "aud": "authenticated", "role": "anon"}), NO_USER),
            ],
        ),
        (
            "better-auth",
            ("ed25519", json!({"kid": "k", "alg": "EdDSA"}), json!({"alg": "EdDSA", "kid": "k"})),
            [(ISSUER, better_auth), (AUDIENCE, better_auth)],
            vec![
                (json!({"iss": better_auth, "aud": better_auth, "sub": "u", "emailVerified": false}), None),
                (json!({"iss": better_auth, "aud": "https://api.example.com", "sub": "u"}), OTHER_AUDIENCE),
            ],
        ),
        (
            "Clerk",
            rs256(),
            [(ISSUER, clerk), (AUDIENCE, "")],
            vec![(
                json!({"iss": clerk, "azp": "https://app.example.com", "sub": "user_2", "sts": "active"}),
                None,
            )],
        ),
        (
            "Clerk with an audience",
            rs256(),
            [(ISSUER, clerk), (AUDIENCE, "https://app.example.com")],
            vec![(json!({"iss": clerk, "azp": "https://app.example.com", "sub": "user_2"}), OTHER_AUDIENCE)],
        ),
        (
            "Firebase",
            rs256(),
            [(ISSUER, firebase), (AUDIENCE, "my-project")],
            vec![
                (json!({"iss": firebase, "aud": "my-project", "sub": "u", "user_id": "u"}), None),
                (
                    json!({"iss": "https://securetoken.google.com/theirs", "aud": "theirs", "sub": "u"}),
                    OTHER_ISSUER,
                ),
            ],
        ),
        (
            "Cognito",
            rs256(),
            [(ISSUER, user_pool), (AUDIENCE, "")],
            vec![
                (json!({"iss": user_pool, "client_id": "c", "token_use": "access", "sub": "u"}), None),
                (json!({"iss": user_pool, "aud": "c", "token_use": "id", "sub": "u"}), None),
            ],
        ),
        (
            "Cognito's ID tokens alone",
            rs256(),
            [(ISSUER, user_pool), (AUDIENCE, "c")],
            vec![
                (json!({"iss": user_pool, "aud": "c", "token_use": "id", "sub": "u"}), None),
                (
                    json!({"iss": user_pool, "client_id": "c", "token_use": "access", "sub": "u"}),
                    OTHER_AUDIENCE,
                ),
            ],
        ),
    ]
}

/// Returns issuers with `OpenID` Connect.
fn openid_providers() -> Vec<Row> {
    let (auth0, api) = ("https://tenant.eu.auth0.com/", "https://api.example.com");
    let (keycloak, logto) = ("https://id.example.com/realms/main", "https://tenant.logto.app/oidc");
    let (zitadel, workos) =
        ("https://tenant.zitadel.cloud", "https://api.workos.com/user_management/client_1");
    let (kinde, google) = ("https://tenant.kinde.com", "https://accounts.google.com");
    let entra = "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0";
    let client = "66666666-7777-8888-9999-000000000000";
    let at_jwt = json!({"alg": "ES384", "kid": "k", "typ": "at+jwt"});
    vec![
        (
            "Auth0",
            rs256(),
            [(ISSUER, auth0), (AUDIENCE, api)],
            vec![
                (
                    json!({"iss": auth0, "aud": [api, "https://tenant.eu.auth0.com/userinfo"], "sub": "auth0|1"}),
                    None,
                ),
                (json!({"iss": auth0, "aud": "client", "sub": "auth0|1"}), OTHER_AUDIENCE),
            ],
        ),
        (
            "Auth0 without its slash",
            rs256(),
            [(ISSUER, "https://tenant.eu.auth0.com"), (AUDIENCE, api)],
            vec![(json!({"iss": auth0, "aud": api, "sub": "auth0|1"}), OTHER_ISSUER)],
        ),
        (
            "Keycloak",
            rs256(),
            [(ISSUER, keycloak), (AUDIENCE, "account")],
            vec![
                (json!({"iss": keycloak, "aud": "account", "azp": "web", "sub": "u", "typ": "Bearer"}), None),
                (json!({"iss": keycloak, "aud": "account", "azp": "web"}), NO_USER),
            ],
        ),
        (
            "Logto",
            ("p384", json!({"kid": "k", "use": "sig", "alg": "ES384"}), at_jwt),
            [(ISSUER, logto), (AUDIENCE, api)],
            vec![(json!({"iss": logto, "aud": api, "sub": "u", "client_id": "c", "jti": "j"}), None)],
        ),
        (
            "Zitadel",
            rs256(),
            [(ISSUER, zitadel), (AUDIENCE, "2001,2002")],
            vec![
                (json!({"iss": zitadel, "aud": ["2002", "3001"], "sub": "1001"}), None),
                (json!({"iss": zitadel, "aud": ["3001"], "sub": "1001"}), OTHER_AUDIENCE),
            ],
        ),
        (
            "WorkOS",
            rs256(),
            [(ISSUER, workos), (AUDIENCE, "")],
            vec![(json!({"iss": workos, "sub": "user_01", "sid": "s"}), None)],
        ),
        (
            "Kinde",
            rs256(),
            [(ISSUER, kinde), (AUDIENCE, api)],
            vec![
                (json!({"iss": kinde, "aud": [api], "sub": "kp_1"}), None),
                (json!({"iss": kinde, "aud": [], "sub": "kp_1"}), OTHER_AUDIENCE),
            ],
        ),
        (
            "Entra",
            ("rsa", json!({"kid": "k", "use": "sig", "x5t": "k", "x5c": ["c"], "issuer": entra}), rs256().2),
            [(ISSUER, entra), (AUDIENCE, client)],
            vec![
                (json!({"iss": entra, "aud": client, "sub": "s", "ver": "2.0"}), None),
                (
                    json!({"iss": "https://sts.windows.net/11111111-2222-3333-4444-555555555555/", "aud": client, "sub": "s"}),
                    OTHER_ISSUER,
                ),
            ],
        ),
        (
            "Google",
            rs256(),
            [(ISSUER, google), (AUDIENCE, "web.apps.googleusercontent.com,ios.apps.googleusercontent.com")],
            vec![
                (json!({"iss": google, "aud": "ios.apps.googleusercontent.com", "sub": "1"}), None),
                (
                    json!({"iss": google, "aud": "theirs.apps.googleusercontent.com", "sub": "1"}),
                    OTHER_AUDIENCE,
                ),
                (
                    json!({"iss": "accounts.google.com", "aud": "web.apps.googleusercontent.com", "sub": "1"}),
                    OTHER_ISSUER,
                ),
            ],
        ),
    ]
}

#[tokio::test]
async fn each_issuers_own_tokens_are_accepted_and_its_pitfalls_are_explained() {
    let issuer = Issuer::start(&json!({})).await;
    let mut world = world(&issuer, &[]).await;
    for (name, (key, public, header), settings, tokens) in
        user_databases().into_iter().chain(openid_providers())
    {
        // With a key for encryption beside it, as in Keycloak.
        let neighbour = jwk("rsa-new", json!({"kid": "e", "use": "enc", "alg": "RSA-OAEP"}));
        issuer.publish(&set(&[neighbour, jwk(key, public)]));
        for (variable, value) in settings {
            world.set(variable, value);
        }
        for (mut claims, refusal) in tokens {
            claims["exp"] = json!(world.now().timestamp() + 60);
            claims["iat"] = json!(world.now().timestamp());
            let answer = ask(&world.app, &sign(key, header.clone(), &claims)).await;
            match refusal {
                None => assert_eq!(answer.status, 200, "{name} {claims}: {answer:?}"),
                Some(part) => {
                    assert!(
                        answer.status == 401 && answer.message.contains(part),
                        "{name} {claims}: {answer:?}"
                    );
                }
            }
        }
    }
}
