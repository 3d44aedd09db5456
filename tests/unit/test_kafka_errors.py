import aiokafka.errors as theirs
import pytest

from pipeline.errors import ConfigurationError, MessageError, UnavailableError
from pipeline.kafka import ERRORS, MISTAKES, translate, translated

ALL = [each for each in vars(theirs).values() if isinstance(each, type) and issubclass(each, Exception)]
RETRIABLE = [each for each in ALL if getattr(each, "retriable", False)]
OURS = (ConfigurationError, MessageError, UnavailableError)


def made(kind):
    error = kind.__new__(kind)
    if isinstance(error, theirs.BrokerResponseError):
        error.errno = getattr(kind, "errno", 0)  # the common ancestor has none
    return error


@pytest.mark.parametrize("kind", ALL, ids=lambda each: each.__name__)
def test_every_error_of_aiokafka_becomes_one_of_ours_or_is_our_mistake(kind):
    if issubclass(kind, MISTAKES):
        with pytest.raises(kind), translated():
            raise made(kind)
        return
    assert issubclass(kind, ERRORS)
    assert isinstance(translate(made(kind)), OURS)


@pytest.mark.parametrize(
    "kind", [each for each in ALL if getattr(each, "retriable", False)], ids=lambda each: each.__name__
)
def test_what_aiokafka_would_try_again_is_not_given_up(kind):
    assert isinstance(translate(made(kind)), UnavailableError)


@pytest.mark.parametrize(
    ("kind", "ours"),
    [
        (theirs.KafkaConnectionError, UnavailableError),
        (theirs.KafkaTimeoutError, UnavailableError),
        (theirs.TopicAuthorizationFailedError, ConfigurationError),
        (theirs.SaslAuthenticationFailed, ConfigurationError),
        (theirs.MessageSizeTooLargeError, MessageError),
    ],
)
def test_what_to_do_follows_from_the_error(kind, ours):
    with pytest.raises(ours, match=kind.__name__), translated():
        raise kind("words")


def test_other_errors_pass_untouched():
    with pytest.raises(BrokenPipeError), translated():
        raise BrokenPipeError
