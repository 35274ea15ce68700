"""From stored articles to Discord messages: excerpts, embeds, packing, pacing, and what an answer means."""
