"""/follow, /following, /unfollow and /forget: what one person follows.

Answers are for one person alone and also come in the private chat. `params` offers what is followed while people type.
"""
