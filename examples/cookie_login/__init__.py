"""A front end and an API on two origins, with a cookie between them: done right."""
