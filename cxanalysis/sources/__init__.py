"""From files and databases to checked tables: everything becomes text first, then is judged once.

`read_table` is the way in. A file of any kind becomes a table of texts (`files`, `lines`,
`raw`), its columns are matched with ours (`mapping`), turned into typed columns (`conform`),
direct identifiers are hashed or masked (`privacy`), rows that break the contract are set aside
(`check`), and what remains is kept as Parquet (`cache`).
"""
