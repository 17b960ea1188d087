//! Where one Redis message ends and the next begins, and what a request's arguments are. Nothing of what they mean.

/// The length of the first whole message in `data`; none while it is incomplete. Understands RESP2 and RESP3.
pub(super) fn message_len(data: &[u8]) -> Option<usize> {
    let line = line_end(data)?;
    let number = || std::str::from_utf8(&data[1..line - 2]).ok()?.parse::<i64>().ok();
    match data[0] {
        b'$' | b'!' | b'=' => match usize::try_from(number()?) {
            Ok(len) => (data.len() >= line + len + 2).then_some(line + len + 2),
            // A null.
            Err(_) => Some(line),
        },
        b'*' | b'~' | b'>' => parts(data, line, number()?),
        b'%' => parts(data, line, 2 * number()?),
        _ => Some(line),
    }
}

fn parts(data: &[u8], from: usize, count: i64) -> Option<usize> {
    let mut at = from;
    for _ in 0..count {
        at += message_len(&data[at..])?;
    }
    Some(at)
}

/// Past the first line's end.
fn line_end(data: &[u8]) -> Option<usize> {
    data.windows(2).position(|two| two == b"\r\n").map(|at| at + 2)
}

/// The arguments of a request: an array of strings.
pub(super) fn arguments(request: &[u8]) -> Vec<&[u8]> {
    let mut arguments = Vec::new();
    let Some(mut at) = line_end(request) else { return arguments };
    while let Some(len) = request.get(at..).filter(|rest| !rest.is_empty()).and_then(message_len) {
        let argument = &request[at..at + len];
        let start = line_end(argument).unwrap_or(0);
        arguments.push(&argument[start..argument.len() - 2]);
        at += len;
    }
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_ends_where_it_ends_and_not_before_it_is_whole() {
        for message in [
            "+OK\r\n",
            ":12\r\n",
            "$5\r\nhe\r\no\r\n",
            "$-1\r\n",
            "*2\r\n$1\r\na\r\n*1\r\n:1\r\n",
            "*0\r\n",
            "*-1\r\n",
            "%1\r\n+a\r\n:1\r\n",
            "_\r\n",
        ] {
            let data = [message.as_bytes(), b"+next\r\n"].concat();
            assert_eq!(message_len(&data), Some(message.len()), "{message:?}");
            for cut in 0..message.len() {
                assert_eq!(message_len(&data[..cut]), None, "{message:?} cut to {cut}");
            }
        }
    }

    #[test]
    fn a_request_is_its_arguments() {
        let request = b"*3\r\n$7\r\nEVALSHA\r\n$2\r\nab\r\n$0\r\n\r\n";
        assert_eq!(arguments(request), [b"EVALSHA".as_slice(), b"ab", b""]);
        assert_eq!(arguments(b"PING\r\n"), Vec::<&[u8]>::new());
    }
}
