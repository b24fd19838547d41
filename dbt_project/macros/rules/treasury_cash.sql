{#- Closing balance in a row of the Daily Treasury Statement's table of cash, in millions; null for rows that have none.
    Since 2022-04-18 it is a separate row, in the opening column. -#}
{% macro treasury_closing_usd_mn() -%}
    case
        when account_type in ('Federal Reserve Account', 'Treasury General Account (TGA)') then close_today_usd_mn
        when account_type = 'Treasury General Account (TGA) Closing Balance' then open_today_usd_mn
    end
{%- endmacro %}
