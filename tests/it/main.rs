//! The tests of the whole system.

#[cfg(test)]
mod architecture;
#[cfg(test)]
mod audit;
#[cfg(test)]
mod away;
#[cfg(test)]
mod bounds;
#[cfg(test)]
mod call;
#[cfg(test)]
mod cells;
#[cfg(test)]
mod connect;
#[cfg(test)]
mod contract;
#[cfg(test)]
mod courier;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod database;
#[cfg(test)]
mod dispatch;
#[cfg(test)]
mod docs;
#[cfg(test)]
mod doctor;
#[cfg(test)]
mod drip;
#[cfg(test)]
mod edits;
#[cfg(test)]
mod fairness;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod figures;
#[cfg(test)]
mod grants;
#[cfg(test)]
mod guides;
#[cfg(test)]
mod handed_back;
#[cfg(test)]
mod health;
#[cfg(test)]
mod holds;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod lambda;
#[cfg(test)]
mod late;
#[cfg(test)]
mod lateness;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod line;
#[cfg(test)]
mod links;
#[cfg(test)]
mod lists;
#[cfg(test)]
mod logs;
#[cfg(test)]
mod lost_answers;
#[cfg(test)]
mod lost_replies;
#[cfg(test)]
mod messages;
#[cfg(test)]
mod meta;
#[cfg(test)]
mod meter;
#[cfg(test)]
mod odd_replies;
#[cfg(test)]
mod outbox;
#[cfg(test)]
mod overwritten;
#[cfg(test)]
mod owner;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod pooler;
#[cfg(test)]
mod poolers;
#[cfg(test)]
mod post_links;
#[cfg(test)]
mod prose;
#[cfg(test)]
mod publish;
#[cfg(test)]
mod queue;
#[cfg(test)]
mod recall;
#[cfg(test)]
mod receiver;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod request_ids;
#[cfg(test)]
mod requests;
#[cfg(test)]
mod round_trips;
#[cfg(test)]
mod rules;
#[cfg(test)]
mod runtime_api;
#[cfg(test)]
mod sign_in;
#[cfg(test)]
mod slices;
#[cfg(test)]
mod source;
#[cfg(test)]
mod spans;
#[cfg(test)]
mod stand_in;
#[cfg(test)]
mod statements;
#[cfg(test)]
mod streams;
#[cfg(test)]
mod support;
#[cfg(test)]
mod validate;
#[cfg(test)]
mod visits;
#[cfg(test)]
mod webhook;
#[cfg(test)]
mod wire;
#[cfg(test)]
mod world;
#[cfg(test)]
mod youtube;
