"""From files and databases to checked tables: everything becomes text first, then is judged once.

`read.read_table` is the way in; it goes through these steps, a module each:

- ``inputs`` finds the files, ``remote`` fetches those at addresses, ``packed`` unpacks them;
- ``databases``, ``excel``, ``delimited`` (with ``encodings``), ``json_rows`` (with
  ``json_documents``) and ``nested`` open them, ``expressions`` reach into what is nested;
- ``raw`` (with ``insert``, ``headers``, ``records``, ``lines``) loads the wanted columns as texts,
  ``joins`` adds columns of other files;
- ``mapping`` says which columns become which of ours, ``texts`` picks them, ``times`` looks at
  how times are written;
- ``judge`` (with ``conform`` and ``numbers``) makes typed values and names every rule that a row
  breaks;
- ``duplicates`` holds the rule on repeated ids, ``rejects`` lists what is set aside, ``limits``
  stops the run where that is too much;
- ``privacy`` hashes, masks or leaves out direct identifiers at every step;
- ``agreement`` compares durations with the vendor's own, ``doubts`` notes what may be misread;
- ``disk`` holds what is worked on, and says when there is no room for it;
- ``cache`` keeps the result as Parquet, ``reading`` the account of it, ``matching`` compares the
  customers of two tables.
"""
