"""Values about topics: options, channels, filters, who may change them."""
