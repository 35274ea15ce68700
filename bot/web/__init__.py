"""The river on the web: pages and feeds of published topics.

A request is answered from the `PageCache`, else from a `River` that `services.publishing` found for its address at this
moment. What is not published has no page, and nothing tells it from what does not exist. To add a page, write its
handler in `pages`, its template, and its route in `server`; its words belong into `page_texts`.
"""
