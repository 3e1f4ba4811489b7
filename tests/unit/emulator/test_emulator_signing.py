"""Signatures against AWS's own published examples, and against botocore's own signers."""

import hashlib
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from botocore.auth import HmacV1QueryAuth, S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import assume, given
from hypothesis import strategies as st
from specimen.emulator.dispatch import new_credentials
from specimen.emulator.errors import AwsError
from specimen.emulator.objects import Objects
from specimen.emulator.protocol.http import HttpRequest
from specimen.emulator.s3.bodies import Upload
from specimen.emulator.s3.call import Call
from specimen.emulator.signing.canonical import signing_key
from specimen.emulator.signing.chunks import ChunkSignatures
from specimen.emulator.signing.claims import Scope, service
from specimen.emulator.signing.gate import Gate, Key

ACCESS_KEY, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"  # AWS's own example
MAY_2013 = datetime(2013, 5, 24, tzinfo=UTC).timestamp()
NOTHING = hashlib.sha256().hexdigest()
LIMIT = 1 << 20


def gate(secret: str = SECRET, now: float | None = None, **key: Any) -> Gate:
    keys = {ACCESS_KEY: Key(secret, **key)}
    return Gate(keys.get) if now is None else Gate(keys.get, lambda: now)


def request(method: str, target: str, headers: Mapping[str, str], body: bytes = b"") -> HttpRequest:
    path, _, query = target.partition("?")
    named = {name.lower(): value for name, value in headers.items()}
    decoded = dict(parse_qsl(query, keep_blank_values=True))
    return HttpRequest(method, path, decoded, named, io.BytesIO(body), len(body), query)


def authorization(signature: str, names: str, scope: str = "us-east-1/s3") -> str:
    credential = f"{ACCESS_KEY}/20130524/{scope}/aws4_request"
    return f"AWS4-HMAC-SHA256 Credential={credential},SignedHeaders={names},Signature={signature}"


def refused(given_gate: Gate, to: str, asked: HttpRequest) -> AwsError:
    with pytest.raises(AwsError) as raised:
        given_gate.admit(to, asked, LIMIT)
    return raised.value


def example(**headers: str) -> HttpRequest:
    """AWS's example "GET Object"."""
    signature = "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
    given = {
        "Host": "examplebucket.s3.amazonaws.com",
        "Authorization": authorization(signature, "host;range;x-amz-content-sha256;x-amz-date"),
        "Range": "bytes=0-9",
        "x-amz-content-sha256": NOTHING,
        "x-amz-date": "20130524T000000Z",
    }
    return request("GET", "/test.txt", {**given, **headers})


def presigned(**query: str) -> HttpRequest:
    """AWS's example of a presigned URL."""
    given = {
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": f"{ACCESS_KEY}/20130524/us-east-1/s3/aws4_request",
        "X-Amz-Date": "20130524T000000Z",
        "X-Amz-Expires": "86400",
        "X-Amz-SignedHeaders": "host",
        "X-Amz-Signature": "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
    }
    text = "&".join(f"{name}={quote(value, safe='')}" for name, value in {**given, **query}.items())
    return request("GET", f"/test.txt?{text}", {"Host": "examplebucket.s3.amazonaws.com"})


def test_awss_examples_are_let_in() -> None:
    """Signed headers, an object that is put, a listing, a presigned URL: "Examples: Signature Calculations"."""
    known = gate(now=MAY_2013)
    known.admit("s3", example(), LIMIT)
    known.admit("s3", presigned(), LIMIT)
    content = b"Welcome to Amazon S3."
    headers = {
        "Host": "examplebucket.s3.amazonaws.com",
        "Date": "Fri, 24 May 2013 00:00:00 GMT",
        "x-amz-date": "20130524T000000Z",
        "x-amz-storage-class": "REDUCED_REDUNDANCY",
        "x-amz-content-sha256": hashlib.sha256(content).hexdigest(),
        "Authorization": authorization(
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
            "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
        ),
    }
    put = known.admit("s3", request("PUT", "/test%24file.text", headers, content), LIMIT)
    assert put.body(LIMIT) == content


def chunked(objects: Objects, *changes: tuple[bytes, bytes]) -> Upload:
    """AWS's example of an upload in signed chunks, with changes to its body."""
    names = (
        "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;"
        "x-amz-decoded-content-length;x-amz-storage-class"
    )
    parts = [
        (65536, "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"),
        (1024, "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497"),
        (0, "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"),
    ]
    body = b"".join(b"%x;chunk-signature=%s\r\n%s\r\n" % (size, made.encode(), b"a" * size) for size, made in parts)
    assert len(body) == 66824
    headers = {
        "Host": "s3.amazonaws.com",
        "x-amz-date": "20130524T000000Z",
        "x-amz-storage-class": "REDUCED_REDUNDANCY",
        "Authorization": authorization("4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9", names),
        "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        "Content-Encoding": "aws-chunked",
        "x-amz-decoded-content-length": "66560",
        "Content-Length": "66824",
    }
    for before, after in changes:
        body = body.replace(before, after, 1)
    admitted = gate(now=MAY_2013).admit("s3", request("PUT", "/examplebucket/chunkObject.txt", headers, body), LIMIT)
    return Upload(Call(objects, "us-east-1", admitted, "examplebucket", "chunkObject.txt"))


def test_awss_example_of_signed_chunks(objects: Objects) -> None:
    """All of it is let in; a byte that was changed in any chunk is found, and so is a missing signature."""
    assert b"".join(chunked(objects).pieces()) == b"a" * 66560
    for before, after in (
        (b"aa\r\n400", b"ab\r\n400"),
        (b"aa\r\n0;", b"ba\r\n0;"),
        (b"b6c6", b"b6c7"),
        (b"=0055", b"="),
    ):
        with pytest.raises(AwsError) as raised:
            list(chunked(objects, (before, after)).pieces())
        assert raised.value.code == "SignatureDoesNotMatch"


def test_trailers_of_signed_chunks_are_signed(objects: Objects) -> None:
    """The chain goes on to the trailers; without their signature nothing is let in."""
    scope = Scope("20130524", "us-east-1", "s3")
    links: list[str] = []

    def follow(check: Callable[[ChunkSignatures], None]) -> str:
        """Find the next link as a client does: by making it."""
        chain = ChunkSignatures(signing_key(SECRET, scope), "T", scope, links[-1] if links else "seed", True)
        with pytest.raises(AwsError):
            check(chain)
        links.append(chain.previous)
        return chain.previous

    def upload(trailer_signature: str) -> Upload:
        chain = ChunkSignatures(signing_key(SECRET, scope), "T", scope, "seed", True)
        body = f"3;chunk-signature={links[0]}\r\nabc\r\n0;chunk-signature={links[1]}\r\n"
        body += f"x-amz-checksum-crc32:NSRBwg==\r\n{trailer_signature}\r\n"
        asked = request("PUT", "/b/k", {"Content-Encoding": "aws-chunked"}, body.encode())
        signed = replace(asked, payload=replace(asked.payload, chunks=chain))
        return Upload(Call(objects, "us-east-1", signed, "b", "k"))

    follow(lambda chain: chain.check(hashlib.sha256(b"abc").hexdigest(), ""))
    follow(lambda chain: chain.check(NOTHING, ""))
    last = follow(lambda chain: chain.check_trailers("x-amz-checksum-crc32:NSRBwg==\n", ""))
    assert b"".join(upload(f"x-amz-trailer-signature:{last}\r\n").pieces()) == b"abc"
    for wrong in ("", f"x-amz-trailer-signature:{links[0]}\r\n", f"x-amz-more:1\r\nx-amz-trailer-signature:{last}\r\n"):
        with pytest.raises(AwsError, match="signature"):
            list(upload(wrong).pieces())


@pytest.mark.parametrize("to", ["s3", "sts", "sagemaker", "sagemaker-runtime"])
@pytest.mark.parametrize("seconds", [-901, 901])
def test_a_request_from_another_time(to: str, seconds: int) -> None:
    """A quarter of an hour is let in, and no more; each service says it in its own way."""
    asked = signed_by_botocore("POST", "http://localhost/", b"{}", to)
    made = datetime.strptime(asked.headers["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
    gate(now=made + seconds * 0.99).admit(to, asked, LIMIT)
    codes = {"s3": "RequestTimeTooSkewed", "sts": "SignatureDoesNotMatch"}
    again = signed_by_botocore("POST", "http://localhost/", b"{}", to)
    error = refused(gate(now=made + seconds * 1.1), to, again)
    assert error.code == codes.get(to, "InvalidSignatureException")
    assert error.status == (400 if to == "sagemaker" else 403)


@pytest.mark.parametrize(
    ("asked", "now", "code"),
    [
        (presigned(), MAY_2013 + 86401, "AccessDenied"),
        (presigned(), MAY_2013 - 901, "AccessDenied"),
        (presigned(**{"X-Amz-Expires": "604801"}), MAY_2013, "AuthorizationQueryParametersError"),
        (presigned(**{"X-Amz-Expires": "-1"}), MAY_2013, "AuthorizationQueryParametersError"),
        (presigned(**{"X-Amz-Expires": "\u0661"}), MAY_2013, "AuthorizationQueryParametersError"),
        (presigned(**{"X-Amz-Expires": ""}), MAY_2013, "AuthorizationHeaderMalformed"),
        (presigned(**{"X-Amz-Expires": "604800"}), MAY_2013, "SignatureDoesNotMatch"),
        (presigned(**{"X-Amz-Signature": "ä"}), MAY_2013, "SignatureDoesNotMatch"),
        (presigned(**{"X-Amz-Algorithm": "AWS4-ECDSA-P256-SHA256"}), MAY_2013, "AuthorizationHeaderMalformed"),
        (presigned(**{"response-expires": "x"}), MAY_2013, "SignatureDoesNotMatch"),
        (example(range="bytes=0-10"), MAY_2013, "SignatureDoesNotMatch"),
        (example(host="other"), MAY_2013, "SignatureDoesNotMatch"),
        (example(**{"x-amz-acl": "public-read"}), MAY_2013, "AccessDenied"),
        (example(**{"x-amz-date": "20130524T000001Z"}), MAY_2013, "SignatureDoesNotMatch"),
        (example(**{"x-amz-date": "20130525T000000Z"}), MAY_2013, "AuthorizationHeaderMalformed"),
        (example(**{"x-amz-date": "20131324T000000Z"}), MAY_2013, "AuthorizationHeaderMalformed"),
        (example(**{"x-amz-date": ""}), MAY_2013, "AuthorizationHeaderMalformed"),
        (example(**{"x-amz-content-sha256": "UNSIGNED-PAYLOAD"}), MAY_2013, "SignatureDoesNotMatch"),
        (example(**{"x-amz-content-sha256": "anything"}), MAY_2013, "InvalidArgument"),
        (example(authorization="AWS AKIA:sig"), MAY_2013, "AuthorizationHeaderMalformed"),
        (example(authorization="AWS4-HMAC-SHA256"), MAY_2013, "AuthorizationHeaderMalformed"),
        (example(authorization="AWS4-HMAC-SHA256 Credential=x"), MAY_2013, "AuthorizationHeaderMalformed"),
        (example(authorization=authorization("0" * 64, "range")), MAY_2013, "AccessDenied"),
    ],
)
def test_what_is_changed_late_or_broken_is_refused(asked: HttpRequest, now: float, code: str) -> None:
    """With S3's own codes; `\u0661` is a digit, but none that a signature may have."""
    assert refused(gate(now=now), "s3", asked).code == code


def test_a_hash_of_the_body_must_be_given_to_s3() -> None:
    """Or else nobody could tell it from another before it has been stored."""
    asked = example()
    headers = {name: value for name, value in asked.headers.items() if name != "x-amz-content-sha256"}
    assert refused(gate(now=MAY_2013), "s3", replace(asked, headers=headers)).code == "InvalidRequest"


def test_another_body_than_the_signed_one_is_refused() -> None:
    """S3 after its last byte; the others before anything is done."""
    asked = signed_by_botocore("PUT", "http://localhost/b/k", b"content", "s3")
    changed = gate().admit("s3", replace(asked, stream=io.BytesIO(b"CONTENT")), LIMIT)
    with pytest.raises(AwsError) as raised:
        changed.body(LIMIT)
    assert raised.value.code == "XAmzContentSHA256Mismatch"
    asked = signed_by_botocore("POST", "http://localhost/", b"content", "logs")
    error = refused(gate(), "logs", replace(asked, stream=io.BytesIO(b"CONTENT")))
    assert error.code == "InvalidSignatureException"


def test_what_follows_the_last_chunk_is_part_of_the_body(objects: Objects) -> None:
    """A body whose hash is signed is read to its end, even if it says earlier that it is complete."""
    body = b"3\r\nabc\r\n0\r\n\r\n"
    headers = {"Content-Encoding": "aws-chunked"}
    for sent, fits in ((body, True), (body + b"more", False)):
        asked = signed_by_botocore("PUT", "http://localhost/b/k", body, "s3", headers)
        changed = replace(asked, stream=io.BytesIO(sent), length=len(sent))
        upload = Upload(Call(objects, "us-east-1", gate().admit("s3", changed, LIMIT), "b", "k"))
        if fits:
            assert b"".join(upload.pieces()) == b"abc"
        else:
            with pytest.raises(AwsError, match="x-amz-content-sha256"):
                list(upload.pieces())


def test_every_state_folder_has_keys_of_its_own() -> None:
    """Of AWS's look, and not to be guessed."""
    made = {new_credentials() for _ in range(20)}
    assert len({keys.access_key for keys in made}) == len({keys.secret_key for keys in made}) == 20
    assert all(len(keys.access_key) == 20 and len(keys.secret_key) == 40 for keys in made)


TEMPORARY: list[tuple[dict[str, Any], str, str]] = [
    ({"token": "t"}, "UnrecognizedClientException", "InvalidToken"),
    ({"token": "session", "expires": 1.0}, "ExpiredTokenException", "ExpiredToken"),
]


@pytest.mark.parametrize(("key", "json_code", "s3_code"), TEMPORARY)
def test_temporary_keys_need_their_token_and_end(key: dict[str, Any], json_code: str, s3_code: str) -> None:
    """Whoever assumed a role has a token besides, for an hour."""
    for to, code in (("sagemaker", json_code), ("s3", s3_code)):
        asked = signed_by_botocore("POST", "http://localhost/", b"", to, token="session")
        assert refused(gate(**key), to, asked).code == code
        gate(token="session", expires=4e9).admit(to, asked, LIMIT)


def test_presigning_of_version_2_covers_the_token_and_ends() -> None:
    """What boto3 does by itself for S3."""
    asked = presigned_by_botocore(HmacV1QueryAuth, "GET", "http://localhost/b/k", token="session")
    temporary: dict[str, Any] = {"token": "session"}
    gate(**temporary).admit("s3", asked, LIMIT)
    late = refused(gate(now=4e9, **temporary), "s3", asked)
    assert (late.code, late.message) == ("AccessDenied", "Request has expired")
    assert refused(gate(secret="other", **temporary), "s3", asked).code == "SignatureDoesNotMatch"
    for expires in ({}, {"Expires": "soon"}):
        query = {name: value for name, value in asked.query.items() if name != "Expires"} | expires
        assert refused(gate(**temporary), "s3", replace(asked, query=query)).code == "AccessDenied"


def test_a_service_is_named_before_anyone_is_let_in() -> None:
    """It is refused in that service's way."""
    target = {"X-Amz-Target": "SageMaker.ListModels"}
    assert service(request("POST", "/", target)) == "sagemaker"
    assert service(request("POST", "/", {"X-Amz-Target": "Logs_20140328.DescribeLogGroups"})) == "logs"
    assert service(request("POST", "/", {"X-Amz-Target": "Other.Operation", "Authorization": "x"})) == "sagemaker"
    assert service(request("GET", "/bucket/key", {})) == "s3"
    runtime = signed_by_botocore("POST", "http://localhost/endpoints/e/invocations", b"", "sagemaker")
    assert service(runtime) == "sagemaker-runtime"
    for to, code in (("sagemaker", "MissingAuthenticationTokenException"), ("sts", "MissingAuthenticationToken")):
        assert refused(gate(), to, request("POST", "/", target)).code == code


def signed_by_botocore(
    method: str, url: str, body: bytes, to: str, headers: Mapping[str, str] | None = None, token: str | None = None
) -> HttpRequest:
    made = AWSRequest(method, url, dict(headers or {}), body)
    signer = S3SigV4Auth if to == "s3" else SigV4Auth
    name = "sagemaker" if to == "sagemaker-runtime" else to
    signer(Credentials(ACCESS_KEY, SECRET, token), name, "us-east-1").add_auth(made)
    parts = urlsplit(str(made.url))
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    return request(method, target, {**dict(made.headers.items()), "Host": parts.netloc}, body)


def presigned_by_botocore(signer: Any, method: str, url: str, token: str | None = None) -> HttpRequest:
    made = AWSRequest(method, url)
    given = Credentials(ACCESS_KEY, SECRET, token)
    (signer(given, expires=60) if signer is HmacV1QueryAuth else signer(given, "s3", "us-east-1", 60)).add_auth(made)
    parts = urlsplit(str(made.url))
    return request(method, f"{parts.path}?{parts.query}", {"Host": parts.netloc})


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
PATHS = TEXT.map(lambda text: f"/bucket/{quote(text, safe='/~')}")
QUERIES = st.dictionaries(TEXT, TEXT, max_size=3).map(
    lambda pairs: "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in pairs.items())
)
VALUES = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=20).map(lambda text: f"a  {text} b")
HEADERS = st.dictionaries(st.sampled_from(["X-Amz-Meta-One", "Content-Type", "Range"]), VALUES)


@given(
    st.sampled_from(["s3", "sagemaker", "sts", "sagemaker-runtime"]),
    st.sampled_from(["GET", "PUT", "POST"]),
    PATHS,
    QUERIES,
    HEADERS,
    st.binary(max_size=40),
)
def test_what_botocore_signs_is_let_in(
    to: str, method: str, path: str, query: str, headers: dict[str, str], body: bytes
) -> None:
    """Any path, query, headers and body; with another secret, method, path, query or header it is refused."""
    asked = signed_by_botocore(method, f"http://localhost:1{path}?{query}", body, to, headers)
    assert gate().admit(to, asked, LIMIT).body(LIMIT) == body
    again = replace(asked, stream=io.BytesIO(body))
    mismatches = {"SignatureDoesNotMatch", "InvalidSignatureException"}
    assert refused(gate(secret="other"), to, again).code in mismatches
    for changes in (
        {"method": "DELETE"},
        {"path": asked.path + "x"},
        {"raw_query": f"{query}&x=1"},
        {"headers": {**asked.headers, "host": "localhost:2"}},
    ):
        assert refused(gate(), to, replace(asked, stream=io.BytesIO(body), **changes)).code in mismatches


@given(st.sampled_from([HmacV1QueryAuth, S3SigV4QueryAuth]), PATHS, QUERIES)
def test_what_botocore_presigns_is_let_in(signer: Any, path: str, query: str) -> None:
    """Both versions; with another secret, method or path it is refused."""
    asked = presigned_by_botocore(signer, "GET", f"http://localhost:1{path}?{query}")
    assume(path == asked.path)
    gate().admit("s3", asked, LIMIT)
    assert refused(gate(secret="other"), "s3", asked).code == "SignatureDoesNotMatch"
    for changed in (replace(asked, method="PUT"), replace(asked, path=f"{path}x")):
        assert refused(gate(), "s3", changed).code == "SignatureDoesNotMatch"


def test_other_services_can_be_presigned_too() -> None:
    """As programs prove by STS who they are."""
    made = AWSRequest("GET", "http://localhost/?Action=GetCallerIdentity&Version=2011-06-15")
    SigV4QueryAuth(Credentials(ACCESS_KEY, SECRET), "sts", "us-east-1").add_auth(made)
    asked = request("GET", f"/?{urlsplit(str(made.url)).query}", {"Host": "localhost"})
    gate().admit("sts", asked, LIMIT)
    assert refused(gate(secret="other"), "sts", asked).code == "SignatureDoesNotMatch"


@given(st.text(max_size=60), st.text(max_size=60))
def test_nonsense_is_refused_without_a_trace(header: str, credential: str) -> None:
    """Whatever stands where a signature should be, the answer is one of AWS's."""
    asked = request("GET", "/", {"Host": "localhost", "Authorization": f"AWS4-HMAC-SHA256 {header}"})
    assert refused(gate(), "s3", asked).status in (400, 403)
    query = {"X-Amz-Algorithm": "AWS4-HMAC-SHA256", "X-Amz-Credential": credential}
    assert refused(gate(), "sagemaker", replace(asked, headers={}, query=query)).status == 400
    assert json.dumps(service(asked))
