//! The engine on trackers that are slow, frozen, killed, set back in time, or led by somebody else.

mod floods;
mod kit;
mod bounds;
mod outages;
mod leading;
mod full;
mod log;
mod ends;
