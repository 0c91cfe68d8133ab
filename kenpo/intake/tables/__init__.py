"""Spreadsheets in and out: six kinds of tables, read, shown as differences, taken in by their services, written out.

``reading`` turns a file into text cells, ``resource`` rehearses it through import-export with the kind's own service
inside, ``keeping`` holds it sealed until the clerk confirms, ``writing`` writes tables.
"""
