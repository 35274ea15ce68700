"""Values about readers: articles in lists, search, follows, access, statistics."""
