"""AWS's Query protocol, as far as this server speaks it itself: errors of services that moto answers for."""

from xml.sax.saxutils import escape

from specimen.emulator.errors import AwsError
from specimen.emulator.protocol.http import HttpResponse


def query_error(error: AwsError) -> HttpResponse:
    """Form an error as STS and IAM spell it."""
    inner = f"<Type>Sender</Type><Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message>"
    text = f"<ErrorResponse><Error>{inner}</Error><RequestId>embedded</RequestId></ErrorResponse>"
    return HttpResponse(error.status, {"Content-Type": "text/xml"}, text.encode())
