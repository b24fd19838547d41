"""What a process asks through a pipe is answered by another as if it had asked itself."""

import multiprocessing
import threading

import httpx
import pytest

from ingest.relay import Relay, serve


def _answer(request: httpx.Request) -> httpx.Response:
    if request.url.path == "/broken":
        raise LookupError("nothing of this name")
    told = f"{request.method} {request.url} {request.headers['if-none-match']} {request.content.decode()}"
    return httpx.Response(203, headers={"X-Told": "yes"}, content=told.encode())


def test_answers_and_errors_come_back_as_they_are_and_the_end_of_the_asker_ends_it():
    asking, answering = multiprocessing.Pipe()
    server = threading.Thread(target=serve, args=(answering, httpx.MockTransport(_answer)))
    server.start()
    with httpx.Client(transport=Relay(asking)) as client:
        answer = client.post("https://a.test/x?y=1", headers={"If-None-Match": '"1"'}, content=b"body")
        assert answer.text == 'POST https://a.test/x?y=1 "1" body'
        assert (answer.status_code, answer.headers["x-told"]) == (203, "yes")
        with pytest.raises(LookupError, match="nothing of this name"):
            client.get("https://a.test/broken", headers={"If-None-Match": ""})
        assert client.get("https://a.test/", headers={"If-None-Match": ""}).status_code == 203
    asking.close()
    server.join(10)
    assert not server.is_alive()


def test_an_asker_that_is_gone_before_its_answer_ends_it_without_a_word():
    """Ctrl-C kills the process that asks; a traceback of this one would stand on the user's terminal."""
    asking, answering = multiprocessing.Pipe()

    def gone(request: httpx.Request) -> httpx.Response:
        asking.close()
        return httpx.Response(200)

    asking.send(("GET", "https://a.test/", [], b""))
    serve(answering, httpx.MockTransport(gone))
