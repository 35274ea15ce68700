"""/follow, /following and /forget: what one person follows."""
