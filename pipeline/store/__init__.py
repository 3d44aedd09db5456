"""The database adapter: the only package that imports psycopg. It translates that library's errors into ours."""
