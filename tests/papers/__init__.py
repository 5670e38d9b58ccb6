"""Receipts, invoices and tickets with known contents, drawn in varied layouts and photographed badly.

contents     made-up buyers, sellers, goods, amounts and numbers; seeded
paper        a sheet on which text is put; QR codes, stamps
sheets       invoices and tickets (layouts of a page)
slips        till, taxi, toll, roll and hotel (layouts of a strip)
photography  what happens between the paper and the picture: perspective, light, creases, stamps, fading …
gallery      kinds × layouts × perturbations, and several papers in one picture
files        the pictures as JPEG, PNG and PDF

Everything on them is made up. `python -m tests.papers FOLDER` writes one of each for people to look at.
"""
