"""What happens by itself: each job of the timetable does its work in the module that is called like it.

Any number of schedulers and mailers may run, on any number of machines; the ledger of runs and the leases of notices see
to it that each thing happens once. Nothing here is started by the web pages.
"""
