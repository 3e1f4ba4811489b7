"""Who sent a request: AWS's Signature Version 4, and Version 2 of S3's presigned URLs, checked against known keys.

Sources: "AWS Signature Version 4 for API requests" (AWS IAM User Guide), "Authenticating Requests (AWS Signature
Version 4)" with its chunked uploads, and "Signing and authenticating REST requests" (Amazon S3 API Reference).
"""
