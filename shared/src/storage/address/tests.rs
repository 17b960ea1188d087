use super::*;

fn plain(bucket: &str, prefix: Option<&str>) -> S3Config {
    S3Config {
        bucket: bucket.to_owned(),
        prefix: prefix.map(|prefix| prefix.parse().unwrap()),
        endpoint: None,
        region: None,
        path_style: None,
        timeout: None,
        profile: None,
    }
}

#[test]
fn addresses_of_directories() {
    for (text, path) in [
        ("data/store", "data/store"),
        ("./data", "./data"),
        ("/srv/edgraph", "/srv/edgraph"),
        ("file:///srv/edgraph", "/srv/edgraph"),
        ("a directory?with=odd&characters%20", "a directory?with=odd&characters%20"),
    ] {
        assert_eq!(text.parse::<Address>().unwrap(), Address::Directory(path.into()), "{text}");
    }
}

#[test]
fn addresses_of_buckets() {
    let all = S3Config {
        endpoint: Some("http://127.0.0.1:9000".to_owned()),
        region: Some("eu-west-1".to_owned()),
        path_style: Some(true),
        timeout: Some(Duration::from_secs(60)),
        profile: Some("x".to_owned()),
        ..plain("bucket", Some("a/prefix"))
    };
    for (text, config) in [
        ("s3://bucket", plain("bucket", None)),
        ("s3://bucket/", plain("bucket", None)),
        ("s3://my.bucket-1/a/b c", plain("my.bucket-1", Some("a/b c"))),
        ("s3://bucket/prefix/", plain("bucket", Some("prefix"))),
        ("s3://bucket?", plain("bucket", None)),
        (
            "s3://bucket?region=us-east-1",
            S3Config { region: Some("us-east-1".to_owned()), ..plain("bucket", None) },
        ),
        ("s3://bucket/?path-style=false", S3Config { path_style: Some(false), ..plain("bucket", None) }),
        (
            "s3://bucket/a/prefix?endpoint=http://127.0.0.1:9000/&region=eu-west-1&path-style=true&profile=x&timeout-seconds=60",
            all,
        ),
    ] {
        assert_eq!(text.parse::<Address>().unwrap(), Address::S3(config.clone()), "{text}");
        assert_eq!(config.to_string().parse::<Address>().unwrap(), Address::S3(config), "{text}");
    }
}

#[test]
fn what_is_no_address_is_explained() {
    for (text, said) in [
        ("", "an empty address"),
        ("gs://bucket", "no store speaks gs"),
        ("https://bucket.s3.amazonaws.com", "no store speaks https"),
        ("s3:/bucket", "two slashes"),
        ("file://host/directory", "three slashes"),
        ("file:///a%20b", "percent-encoding"),
        ("s3://", "is no bucket name"),
        ("s3:///prefix", "is no bucket name"),
        ("s3://Bucket", "is no bucket name"),
        ("s3://127.0.0.1:9000/bucket", "is no bucket name"),
        ("s3://bucket/a//b", "not a valid object key"),
        ("s3://bucket/../x", "not a valid object key"),
        ("s3://bucket?colour=red", "no option colour"),
        ("s3://bucket?region", "has no value"),
        ("s3://bucket?region=a&region=b", "given twice"),
        ("s3://bucket?timeout-seconds=0", "1 to 600"),
        ("s3://bucket?timeout-seconds=1m", "1 to 600"),
        ("s3://bucket?path-style=yes", "true or false"),
        ("s3://bucket?endpoint=127.0.0.1:9000", "a URL such as"),
        ("s3://bucket?endpoint=http://", "a URL such as"),
    ] {
        let error = text.parse::<Address>().expect_err(text);
        assert!(matches!(error, Error::Misconfigured { .. }), "{text}");
        assert!(error.to_string().contains(said), "{text}: {error}");
    }
}

#[test]
fn a_password_within_an_endpoint_is_refused_and_not_repeated() {
    let error = "s3://bucket?endpoint=http://me:hunter2@host".parse::<Address>().unwrap_err().to_string();
    assert!(error.contains("takes no user name") && !error.contains("hunter2"), "{error}");
}
