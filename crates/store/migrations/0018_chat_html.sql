-- Until now HTML was kept as it was sent, and whoever showed it had to make it safe. Now it is made safe before it is kept; what is older is shown as
-- the text it is.

UPDATE chat_messages SET kind = 'text' WHERE kind = 'html';
