"""Problems that admins are told of, and the notices that tell them."""
