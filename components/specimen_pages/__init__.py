"""What HTML pages are made of: markup that cannot be broken out of, and charts as inline SVG."""
