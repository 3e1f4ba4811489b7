"""S3's REST-XML protocol over the object store, addressed by path: ``/bucket/key``."""

from specimen.emulator.s3.routes import answer, error

__all__ = ["answer", "error"]
