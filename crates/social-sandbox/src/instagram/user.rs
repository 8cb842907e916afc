//! The account a token belongs to.

use super::PLATFORM;
use super::limits::Shape;
use crate::meta::{Parameters, Refusal, graph, place};
use crate::sandbox::Sandbox;
use axum::extract::State;
use axum::response::Response;
use serde_json::{Map, json};

pub(super) async fn me(State(sandbox): State<Sandbox>, asked: Parameters) -> Response {
    let (who, usage) = sandbox.read(|state, _| {
        let world = &state.instagram;
        let owner = asked.token().and_then(|token| world.grants.owner_of(token));
        (owner.and_then(|token| world.who(&token.user)), world.limits.usage)
    });
    let place = place(PLATFORM, &["me"], who);
    let work = async {
        sandbox.read(|state, now| {
            let world = &state.instagram;
            let caller = asked.caller(&world.grants, &sandbox.settings().apps.instagram, now)?;
            caller.needs("instagram_business_basic")?;
            asked.only(&[])?;
            let Some(account) = world.accounts.get(&caller.token.user) else {
                return Err(Refusal::hidden("me"));
            };
            let mut fields = Map::new();
            fields.insert("id".into(), account.scoped_id.clone().into());
            for name in asked.fields() {
                let ours = world.published.iter().filter(|one| one.account_id == account.id).count();
                let value = match name.as_str() {
                    "id" => continue,
                    "user_id" => json!(account.id),
                    "username" => json!(account.username),
                    "name" => json!(account.name),
                    "account_type" => json!(account.kind.name()),
                    "profile_picture_url" => {
                        json!(sandbox.address(&format!("/instagram/avatar/{}", account.username)))
                    }
                    "followers_count" => json!(account.followers),
                    "follows_count" => json!(0),
                    "media_count" => {
                        json!(account.media.saturating_add(i64::try_from(ours).unwrap_or(i64::MAX)))
                    }
                    _ => return Err(Refusal::no_such_field(&name)),
                };
                fields.insert(name, value);
            }
            Ok(match world.limits.replies {
                Shape::Flat => fields.into(),
                Shape::Wrapped => json!({ "data": [fields] }),
            })
        })
    };
    graph(&sandbox, &place, usage.map(|usage| (usage, PLATFORM)), work).await
}
