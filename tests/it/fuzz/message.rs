//! Random messages of a described type.

use prost_reflect::prost::Message;
use prost_reflect::{
    DynamicMessage, FieldDescriptor, Kind, MapKey, MessageDescriptor, ReflectMessage, Value,
};

use crate::chance::Chance;

/// Entries of a list that are made one by one, and the longest that is repeated beyond them.
const MAX_DIFFERENT: u64 = 50;
const MAX_REPEATED_BYTES: usize = 512;
/// Deeper messages are empty.
const MAX_DEPTH: u32 = 6;
/// Words that mean something to the coordinator.
const WORDS: [&str; 24] = [
    "p",
    "q",
    "a",
    "work",
    "find",
    "ingest",
    "ingest/1",
    "work/1",
    "discover_companies",
    "discover_companies/all",
    "process_filing/0000000001-24-000001",
    "sec_xbrl",
    "test",
    "sec.gov",
    "mirror",
    "0000000000000001",
    "ffffffffffffffff",
    "1",
    "{}",
    "{\"universe\":\"all\"}",
    "{\"universe\":",
    "[[[[[[[[",
    "}, \"count\": 9, {",
    "\u{0}",
];

/// A random message of this type.
pub(super) fn message(descriptor: &MessageDescriptor, chance: &mut Chance) -> DynamicMessage {
    filled(descriptor, chance, 0)
}

fn filled(descriptor: &MessageDescriptor, chance: &mut Chance, depth: u32) -> DynamicMessage {
    let mut message = DynamicMessage::new(descriptor.clone());
    if depth > MAX_DEPTH {
        return message;
    }
    for field in descriptor.fields() {
        // Most messages have most of their fields: one that lacks its id goes nowhere.
        if chance.one_in(6) {
            continue;
        }
        let value = field_value(&field, chance, depth);
        message.set_field(&field, value);
    }
    // Of a oneof the last field that was set stays, so the choice is made by setting one again.
    for oneof in descriptor.oneofs() {
        let fields: Vec<FieldDescriptor> = oneof.fields().collect();
        let field = &fields[chance.below(fields.len() as u64) as usize];
        let value = field_value(field, chance, depth);
        message.set_field(field, value);
    }
    message
}

fn field_value(field: &FieldDescriptor, chance: &mut Chance, depth: u32) -> Value {
    let length = |chance: &mut Chance| match chance.below(40) {
        0 => chance.below(6_000),
        1..=3 => chance.below(100),
        _ => chance.below(3),
    };
    if field.is_map() {
        let Kind::Message(entry) = field.kind() else { unreachable!("a map is a list of entries") };
        let count = length(chance).min(1_000);
        let value = entry.map_entry_value_field();
        let pairs = (0..count).map(|n| {
            let name = if chance.one_in(2) { text(chance) } else { format!("k{n}") };
            (MapKey::String(name), single(&value, chance, depth + 1))
        });
        return Value::Map(pairs.collect());
    }
    if field.is_list() {
        let count = if depth > 2 { length(chance).min(20) } else { length(chance) };
        // Long lists are of one and the same, and of something short: what matters is that they are long.
        let one = single(field, chance, depth + 1);
        let count = if bytes(&one) > MAX_REPEATED_BYTES { count.min(MAX_DIFFERENT) } else { count };
        let entry = |_| match count > MAX_DIFFERENT {
            true => one.clone(),
            false => single(field, chance, depth + 1),
        };
        return Value::List((0..count).map(entry).collect());
    }
    single(field, chance, depth + 1)
}

/// About how long a value is in a message.
fn bytes(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Message(message) => message.encoded_len(),
        _ => 0,
    }
}

fn single(field: &FieldDescriptor, chance: &mut Chance, depth: u32) -> Value {
    let number = number(chance);
    match field.kind() {
        Kind::Bool => Value::Bool(number & 1 == 1),
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => Value::I32(number as i32),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => Value::I64(number as i64),
        Kind::Uint32 | Kind::Fixed32 => Value::U32(number as u32),
        Kind::Uint64 | Kind::Fixed64 => Value::U64(number),
        Kind::Float => Value::F32(f32::from_bits(number as u32)),
        Kind::Double => Value::F64(chance.of(&[0.0, 0.5, 1.0, -1.0, f64::NAN, f64::INFINITY, f64::MAX])),
        Kind::String => Value::String(text(chance)),
        Kind::Bytes => Value::Bytes(text(chance).into_bytes().into()),
        Kind::Enum(_) => Value::EnumNumber(chance.of(&[0, 1, 2, 3, 4, 5, 6, 99, -1, i32::MAX, i32::MIN])),
        Kind::Message(descriptor) => Value::Message(filled(&descriptor, chance, depth)),
    }
}

fn number(chance: &mut Chance) -> u64 {
    match chance.below(4) {
        0 => chance.below(4),
        1 => {
            chance.of(&[u64::MAX, u64::MAX - 1, 1 << 63, (1 << 63) - 1, u64::from(u32::MAX), 1 << 31, 1_001])
        }
        2 => chance.below(2_000),
        _ => chance.next(),
    }
}

fn text(chance: &mut Chance) -> String {
    match chance.below(60) {
        0 => "x".repeat(chance.below(80_000) as usize),
        1 => "é".repeat(chance.below(300) as usize),
        2 if chance.one_in(30) => "y".repeat(8 * 1024 * 1024),
        3 => String::new(),
        _ => chance.of(&WORDS).to_owned(),
    }
}

/// The message with an id of its own, where it has one: streams of several workers live side by side.
pub(super) fn set_text(message: &mut DynamicMessage, field: &str, text: &str) {
    if let Some(field) = message.descriptor().get_field_by_name(field) {
        message.set_field(&field, Value::String(text.to_owned()));
    }
}
