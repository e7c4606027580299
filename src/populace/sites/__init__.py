"""Sites: an app of a world as its visitors see it, on the world's own database, for demonstrations and for
browsers that play visits.

A world names its site (`World.site`, `module:function`); the function is called with a `Place` and gives the
application. Nothing here sends mail or takes a payment.
"""
