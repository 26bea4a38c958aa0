-- The lines of an order stand once, in the data of its OrderPlaced (order_events): the read model takes them from there. They
-- never change, and a copy cost as much again for each order.
INSERT INTO contract_migrations (name, reason)
VALUES ('20261201000000_lines_once', 'older versions read the lines of an order from order_documents');

DROP TABLE order_documents;
